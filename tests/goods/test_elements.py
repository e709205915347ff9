"""The table of elements against an independent one."""

from __future__ import annotations

import periodictable
import pytest

from orepass.goods.elements import ELEMENTS, elements, weights


def test_there_are_the_elements_up_to_californium() -> None:
    assert len(elements()) == len(ELEMENTS) == 98
    assert next(iter(elements())) == "H"
    assert list(elements())[-1] == "Cf"
    assert list(elements()) == [str(periodictable.elements[number]) for number in range(1, 99)]


@pytest.mark.parametrize("symbol", sorted(ELEMENTS))
def test_a_weight_is_the_one_of_periodictable(symbol: str) -> None:
    assert weights()[symbol] == pytest.approx(periodictable.elements.symbol(symbol).mass, rel=1e-4)


def test_weights_rise_with_the_number_but_for_the_known_pairs() -> None:
    falls = [
        (before, after)
        for before, after in zip(elements(), list(elements())[1:], strict=False)
        if weights()[after] <= weights()[before]
    ]
    assert set(falls) <= {
        ("Ar", "K"),
        ("Co", "Ni"),
        ("Te", "I"),
        ("Th", "Pa"),
        ("U", "Np"),
        ("Pu", "Am"),
        ("Cm", "Bk"),
        ("At", "Rn"),
        ("Po", "At"),
        ("Am", "Cm"),
    }


def test_every_english_name_is_the_one_of_periodictable() -> None:
    spelt = {"aluminum": "aluminium", "cesium": "caesium", "sulfur": "sulphur"}
    differ = {
        symbol: element.en
        for symbol, element in elements().items()
        if element.en not in {(name := periodictable.elements.symbol(symbol).name), spelt.get(name)}
    }
    assert not differ


def test_every_chinese_name_is_one_character_of_its_own() -> None:
    names = [element.zh for element in elements().values()]
    assert all(len(name) == 1 and "㐀" <= name <= "\u9fff" for name in names)
    assert len(set(names)) == 98


def test_every_english_name_is_unique() -> None:
    assert len({element.en for element in elements().values()}) == 98


@pytest.mark.parametrize(
    ("symbol", "zh"),
    [("W", "钨"), ("Sb", "锑"), ("Ga", "镓"), ("Ge", "锗"), ("Te", "碲"), ("Bi", "铋"), ("Mo", "钼"), ("In", "铟"),
     ("Sm", "钐"), ("Gd", "钆"), ("Tb", "铽"), ("Dy", "镝"), ("Lu", "镥"), ("Sc", "钪"), ("Y", "钇"), ("Ho", "钬"),
     ("Er", "铒"), ("Tm", "铥"), ("Eu", "铕"), ("Yb", "镱"), ("Hf", "铪"), ("Tl", "铊"), ("Ti", "钛")],
)  # fmt: skip
def test_a_chinese_name_is_the_right_one(symbol: str, zh: str) -> None:
    assert elements()[symbol].zh == zh
