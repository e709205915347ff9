"""One way of writing: simplified characters, plain Latin letters, no width, case, accents or marks."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from orepass.factcache import cached

HAN = re.compile("[\u3005\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_HAN_RUN = re.compile("([\u3005\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+)")
_KANA = re.compile("[\u3040-\u30ff\u31f0-\u31ff]+")
_DOTTED = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.\s?){1,}[^\W\d_]?(?![^\W_])\.?")
_INNER_APOSTROPHE = re.compile("(?<=\\w)['\u2019\u2018`\u02bc](?=\\w)")
_WORD = re.compile(r"[a-z0-9]+")


@cache
def _one_character() -> dict[int, str]:
    """Each traditional or Japanese character with the simplified one."""

    def convert() -> dict[int, str]:
        from opencc_purepy import OpenCC

        from_japanese, to_simplified = OpenCC("jp2t"), OpenCC("t2s")
        return {
            point: simple
            for point in range(0x3400, 0xA000)
            if not _is_simplified(chr(point))
            and (simple := to_simplified.convert(from_japanese.convert(chr(point)))) != chr(point)
            and len(simple) == 1
        }

    return cached(b"simplified characters by opencc, 2", convert)


def _is_simplified(character: str) -> bool:
    """Whether the national character set of the simplified script holds it; opencc gives some of these a rare Japanese form."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def simplified(text: str) -> str:
    """A text with every traditional or Japanese character in its simplified form, width and compatibility forms folded."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text).translate(_one_character())


@lru_cache(maxsize=10_000)
def plain_latin(text: str) -> str:
    """A text in small ASCII letters, digits and spaces: accents dropped, other alphabets written in Latin, dotted letters joined.

    Chinese characters are not for this function: they have many readings.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        stripped = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        if stripped.isascii():
            text = stripped
        else:
            from anyascii import anyascii

            text = anyascii(_KANA.sub(_kana_with_doubled_letters, text))
    text = text.casefold().replace("&", " and ")
    text = _INNER_APOSTROPHE.sub("", text)
    text = _DOTTED.sub(lambda match: match[0].replace(".", "").replace(" ", "") + " ", text)
    return " ".join(_WORD.findall(text))


def _kana_with_doubled_letters(match: re.Match[str]) -> str:
    """Kana in Latin letters, a small *tsu* as the doubled letter that it is."""
    from anyascii import anyascii

    parts = re.split("[\u3063\u30c3]", match[0])
    written = [anyascii(part).replace("-", "") for part in parts]
    return written[0] + "".join((part[:1] + part) for part in written[1:])


def runs(text: str) -> list[str]:
    """A text cut where it changes between Chinese characters and anything else; the pieces in order, Han at the odd places."""
    return _HAN_RUN.split(text)
