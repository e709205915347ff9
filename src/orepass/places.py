"""Countries and customs territories: any usual name in, the ISO 3166 code out."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from orepass.errors import BadInput
from orepass.factfiles import FACTS, read_table

MAINLAND = "CN"


class Country(NamedTuple):
    """A country or a customs territory of its own (Hong Kong, Macao and Taiwan are)."""

    iso2: str
    iso3: str
    en: str
    zh: str


@cache
def _names() -> tuple[dict[str, Country], dict[str, Country]]:
    by_code: dict[str, Country] = {}
    by_name: dict[str, Country] = {}
    for row in read_table(FACTS / "places" / "countries.csv"):
        country = Country(row["iso2"], row["iso3"], row["name"], row["zh"])
        by_code[country.iso2] = country
        aliases = [alias.strip() for alias in row["aliases"].split(";")]
        for name in (country.iso2, country.iso3, country.en, country.zh, *aliases):
            if name:
                by_name.setdefault(name.casefold(), country)
    return by_code, by_name


@cache
def codes() -> frozenset[str]:
    """Every two-letter code."""
    return frozenset(_names()[0])


@cache
def country_code(text: str) -> str:
    """The ISO 3166 two-letter code of a country given by code or name, in English or Chinese.

    Raises
    ------
    BadInput
        When no country has that name.
    """
    country = _names()[1].get(text.strip().casefold())
    if country is None:
        from difflib import get_close_matches

        near = get_close_matches(text.strip().casefold(), _names()[1], n=1, cutoff=0.75)
        hint = f"did you mean {_names()[1][near[0]].iso2} ({_names()[1][near[0]].en})" if near else ""
        raise BadInput(
            f"{text!r} is no country that we know",
            expected="an ISO 3166 code such as DE or DEU, or a country's name in English or Chinese",
            remedy=hint,
        )
    return country.iso2


def country(code: str) -> Country:
    """The country of a two-letter code."""
    return _names()[0][code]


@cache
def every_country() -> tuple[Country, ...]:
    """Every country and territory, by its English name."""
    return tuple(sorted(_names()[0].values(), key=lambda one: one.en))
