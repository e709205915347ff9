"""Names that are written wrongly: found, marked as guessed, and never read into ordinary words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orepass.goods.describe import describe
from orepass.goods.kinds import kinds
from orepass.goods.spelling import corrected

STRATEGIC = frozenset(
    {
        "Ga", "Ge", "Sb", "W", "Te", "Bi", "Mo", "In", "Sm", "Gd", "Tb", "Dy", "Lu", "Sc", "Y", "Ho", "Er",
        "Tm", "Eu", "Yb", "Ce", "La", "Pr", "Nd", "Be", "Nb", "Ta", "Zr", "Hf", "Ti", "Co", "Li", "V", "Re",
    }
)  # fmt: skip


def read(text: str) -> tuple[str, str, str] | None:
    """The substance, how it was read, and the characters it was read from."""
    found = describe(text).read_of("substance")
    return (str(found.value), found.trust, text[found.start : found.end]) if found else None


@pytest.mark.parametrize(
    ("text", "substance", "written"),
    [
        ("antimoy trioxide, 25 kg bags", "antimony-trioxide", "antimoy trioxide"),
        ("antimnoy trioxide", "antimony-trioxide", "antimnoy trioxide"),
        ("antimony trioxde", "antimony-trioxide", "antimony trioxde"),
        ("tungstn carbide powder", "tungsten-carbide", "tungstn carbide"),
        ("tungsten carbde powder", "tungsten-carbide", "tungsten carbde"),
        ("germaniun dioxide", "germanium-dioxide", "germaniun dioxide"),
        ("galium arsenide wafer", "gallium-arsenide", "galium arsenide"),
        ("bismth ingot", "bismuth", "bismth"),
        ("Bismuht ingot", "bismuth", "Bismuht"),
        ("tellurum powder", "tellurium", "tellurum"),
        ("molybdenm powder", "molybdenum", "molybdenm"),
        ("ammonium paratungstte", "ammonium-paratungstate", "ammonium paratungstte"),
        ("dysprosum oxide", "dysprosium-oxide", "dysprosum oxide"),
        ("yttium oxide", "yttrium-oxide", "yttium oxide"),
        ("lutetum oxide", "lutetium-oxide", "lutetum oxide"),
        ("gadolinnium oxide", "gadolinium-oxide", "gadolinnium oxide"),
        ("lithum carbonate", "lithium-carbonate", "lithum carbonate"),
        ("GRAPHTE powder", "graphite", "GRAPHTE"),
    ],
)
def test_a_letter_off_in_english_is_guessed(text: str, substance: str, written: str) -> None:
    assert read(text) == (substance, "guessed", written)


@pytest.mark.parametrize(
    ("text", "substance"),
    [
        ("养化钐", "samarium-oxide"),
        ("氧化衫", "samarium-oxide"),
        ("仲乌酸铵", "ammonium-paratungstate"),
        ("三氧化二梯", "antimony-trioxide"),
        ("碳化乌", "tungsten-carbide"),
        ("砷化稼", "gallium-arsenide"),
        ("磷化因", "indium-phosphide"),
    ],
)
def test_a_character_that_sounds_alike_is_guessed(text: str, substance: str) -> None:
    assert read(text) == (substance, "guessed", text)
    assert read(f"{text} 99.9%") == (substance, "guessed", text)


@pytest.mark.parametrize(
    ("text", "substance"),
    [
        ("sanyanghuaerti", "antimony-trioxide"),
        ("San Yang Hua Er Ti", "antimony-trioxide"),
        ("sān yǎng huà èr tī", "antimony-trioxide"),
        ("zhong wu suan an", "ammonium-paratungstate"),
        ("zhongwusuanan", "ammonium-paratungstate"),
        ("yang hua shan", "samarium-oxide"),
        ("yang hua jia", "gallium-oxide"),
        ("tan hua wu", "tungsten-carbide"),
        ("lin hua yin", "indium-phosphide"),
    ],
)
def test_chinese_in_latin_letters_is_guessed(text: str, substance: str) -> None:
    assert read(text) == (substance, "guessed", text)


@pytest.mark.parametrize("text", ["wèi duàn zhá tī", "wei duan zha ti"])
def test_a_character_with_two_sounds_is_heard_in_both(text: str) -> None:
    found = read(text)
    assert found is not None
    assert found[:2] == ("antimony", "guessed")


def test_a_guess_is_given_up_when_two_names_fit() -> None:
    assert read("yanghuadi") is None, "氧化镝 and 氧化碲 sound alike"
    assert corrected("scandim") == "scandim", "scandium or scandia"


def test_a_name_as_it_is_written_is_no_guess() -> None:
    for text, substance in (
        ("antimony trioxide", "antimony-trioxide"),
        ("氧化钐", "samarium-oxide"),
        ("erbium", "erbium"),
    ):
        found = read(text)
        assert found is not None
        assert found[:2] == (substance, "named")


@pytest.mark.parametrize(
    "text",
    [
        "cotton shirts", "live horses", "medium density board", "plastic bags", "wooden furniture", "leather shoes",
        "frozen shrimp", "green tea", "office chairs", "ceramic tiles", "rubber tyres", "kitchen knives",
        "printing paper", "bicycle parts", "electric kettles", "children's toys", "canned tuna", "fresh apples",
        "woollen carpets", "paper napkins", "engine oil", "washing machines", "garden tools", "sewing thread",
        "soybean meal", "raw sugar", "olive oil", "roasted coffee", "surgical gloves", "bed linen", "umbrella frames",
        "travel suitcases", "tennis rackets", "violin strings", "hydraulic cylinders", "polyester yarn", "wheat flour",
        "cement clinker", "granite slabs", "marble blocks", "animal feed", "fishing nets", "ginger powder",
        "stadium seats", "premium rum", "gymnasium mats", "aquarium fish", "auditorium chairs", "opium poppy",
        "lithograph print", "gallon jars", "carbine rifle", "scandinavian furniture", "samaritan books", "europe maps",
        "lutes and guitars", "graphic cards", "crystal glasses", "Shanghai dumplings", "Hangzhou silk",
        "guang dong lychee", "jin hua ham", "tian jin carpets", "bei jing duck",
    ],
)  # fmt: skip
def test_ordinary_words_are_not_corrected_into_minerals(text: str) -> None:
    description = describe(text)
    assert all(read.trust != "guessed" for read in description.reads if read.fact in {"substance", "contains"})
    substance = description.facts.get("substance")
    assert substance is None or not kinds().by_id[str(substance)].holds & STRATEGIC
    assert not any(fact.startswith("content_wt_pct.") for fact in description.facts)


NAMES = [
    "antimony trioxide",
    "tungsten carbide",
    "gallium arsenide",
    "germanium dioxide",
    "bismuth",
    "tellurium",
    "molybdenum",
    "samarium oxide",
    "gadolinium oxide",
    "dysprosium",
    "lutetium",
    "scandium",
    "yttrium oxide",
    "holmium",
    "europium",
    "ytterbium",
    "graphite",
    "ammonium paratungstate",
    "lithium carbonate",
    "cobalt",
    "terbium oxide",
    "erbium oxide",
]
REAL_NEIGHBOURS = {"terbium", "erbium"}


@given(
    st.sampled_from(NAMES),
    st.integers(0, 30),
    st.sampled_from("abcdefghijklmnopqrstuvwxyz"),
    st.sampled_from(["drop", "put", "swap", "add"]),
)
def test_one_wrong_letter_never_turns_a_name_into_another(name: str, place: int, letter: str, how: str) -> None:
    word, _, rest = name.partition(" ")
    i = place % len(word)
    wrong = {
        "drop": word[:i] + word[i + 1 :],
        "put": word[:i] + letter + word[i + 1 :],
        "swap": word[: max(i - 1, 0)] + word[max(i - 1, 0) : i + 1][::-1] + word[i + 1 :],
        "add": word[:i] + letter + word[i:],
    }[how]
    right = describe(name).facts["substance"]
    found = read(f"{wrong} {rest}".strip())
    if wrong == word:
        assert found is not None
        assert found[:2] == (right, "named")
    elif wrong not in REAL_NEIGHBOURS and found is not None:
        assert found[:2] == (right, "guessed")


@given(st.text(max_size=40) | st.text("abcdeghijklmnopqrstuvwxyzāǎèūǚ氧化钐仲钨酸铵三二锑养乌 ", max_size=40))
def test_any_text_is_read_within_its_characters(text: str) -> None:
    for read in describe(text).reads:
        assert 0 <= read.start <= read.end <= len(text)
