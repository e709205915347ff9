"""Other ways of writing the goods of the licence list, to test a goods reader from outside.

The rules and tables here share nothing with the reader: the names are put into other words, other scripts, other
orders, short forms and typing errors as they stand on real invoices, each still telling an expert the HS subheading.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pypinyin import Style, lazy_pinyin

HERE = Path(__file__).resolve().parent
TABLES = HERE / "goods_paraphrases.yaml"
GOODS = HERE.parent.parent / "shared" / "data" / "mofcom_licence_goods_minerals.csv"

PER_NAME = 7
"""How many paraphrases of one name are drawn (fewer where the rules yield fewer)."""

SINGLES = (
    ["synonym"] * 3
    + ["translation"] * 3
    + ["pinyin", "traditional"]
    + ["abbreviation"] * 2
    + ["order"] * 2
    + ["typo"] * 3
    + ["invoice"]
)
PAIRS = [
    ("synonym", "typo"),
    ("synonym", "invoice"),
    ("synonym", "order"),
    ("synonym", "traditional"),
    ("synonym", "pinyin"),
    ("translation", "typo"),
    ("translation", "typo"),
    ("translation", "invoice"),
    ("translation", "order"),
    ("translation", "synonym"),
    ("translation", "abbreviation"),
    ("abbreviation", "invoice"),
    ("order", "invoice"),
    ("order", "traditional"),
    ("traditional", "invoice"),
    ("typo", "invoice"),
    ("pinyin", "invoice"),
]

KEYBOARD = {
    "a": "sq",
    "b": "vn",
    "c": "xv",
    "d": "sf",
    "e": "wr",
    "f": "dg",
    "g": "fh",
    "h": "gj",
    "i": "uo",
    "l": "k",
    "m": "n",
    "n": "mb",
    "o": "ip",
    "p": "o",
    "r": "et",
    "s": "ad",
    "t": "ry",
    "u": "iy",
    "w": "eq",
    "y": "tu",
}
HALIDE = re.compile(r"(?:fluoro|chloro|bromo)", re.IGNORECASE)
CJK = re.compile(r"[\u4e00-\u9fff]")
METAL = "[锡钨钼锑铋铂钯铑铱锇钌镍钽钴锆锗铌铼镓铟镝铽镥钆钐钪镧钕镨钇钙钠铵]"
BRACKET = "(?P<q>（[^（）]+）)?"
WORD_ORDERS: Sequence[tuple[str, Sequence[str]]] = (
    (
        rf"(?:其他)?未锻轧的?(?P<n>非合金)?(?P<e>{METAL})(?P<w>废碎料|粉末)?{BRACKET}",
        ("{e}{w}，未锻轧{n}{q}", "{e}{w} {n}未锻轧{q}"),
    ),
    (rf"(?P<e>{METAL})(?P<w>废碎料|粉末|制品){BRACKET}", ("{w}，{e}{q}", "{w} {e}{q}", "{e}的{w}{q}")),
    (r"(?:其他)?半制成(?P<e>.+)", ("{e}，其他半制成", "半制成{e}，其他", "{e} 半制成 其他")),
    (rf"其他(?P<e>[^（）；]+?){BRACKET}", ("{e}，其他{q}", "{e}（其他）{q}")),
    (rf"(?P<f>未锻造或粉末状|板、片状)(?P<e>[^（）]+?){BRACKET}", ("{e}，{f}{q}", "{e} {f}{q}")),
    (
        rf"(?P<p>已焙烧的|其他)?(?P<e>{METAL})矿砂及其精矿{BRACKET}",
        ("精矿及矿砂，{e}，{p}{q}", "{p}{e}的精矿及矿砂{q}", "矿砂及精矿 {e} {p}{q}"),
    ),
    (rf"(?P<a>氧化|氯化|氟化|三氧化|二氧化|碳化)(?P<e>{METAL})", ("{e}的{a}物", "{a}物，{e}", "{e}，{a}物")),
    (rf"(?P<a>碳酸|草酸|硫酸|钨酸|钼酸)(?P<e>{METAL})", ("{a}盐，{e}", "{e}的{a}盐", "{e} {a}盐")),
    (r"(?P<p>仲|偏)钨酸铵", ("钨酸铵（{p}）", "钨酸铵，{p}")),
    (r"蓝色氧化钨", ("氧化钨，蓝色", "氧化钨（蓝色）")),
    (r"(?P<c>[一二三四五]氯)(?P<f>[一二三四五]氟)(?P<k>[甲乙丙丁]烷)", ("{f}{c}{k}", "{k}，{c}{f}")),
    (r"(?P<h>[一二三四五溴氯氟]+)(?P<k>[甲乙丙丁]烷)", ("{k}，{h}",)),
    (r"(?P<h>[二三四五]氟)(?P<k>[甲乙丙丁]烷)", ("{h}代{k}", "{k}（{h}代）")),
    (r"(?P<e>[^（）、]+?)的(?P<w>其他化合物|氧化物及氢氧化物|氧化物)", ("{w}，{e}", "{w}（{e}）", "{w} {e}")),
    (r"(?P<e>[钼钨铌]|硅钨)铁", ("铁合金，{e}铁", "铁{e}合金")),
    (rf"锻轧的(?P<e>{METAL})及其制品", ("{e}及其制品，锻轧的", "{e}制品及锻轧的{e}")),
    (r"(?P<a>[^（）；]+)；(?P<b>[^（）；]+)" + BRACKET, ("{b}；{a}{q}",)),
    (r"(?P<a>未锻轧的铟)、(?P<b>铟粉末)", ("{b}、{a}",)),
    (r"(?P<a>外科植入|血管支架|燃料电池)用(?P<b>.+)", ("{b}，{a}用", "{b}（{a}用）")),
    (r"含(?P<a>.+?)的(?P<b>混合物|废碎料|铌铁|其他铁合金)", ("{b}（含{a}）", "{b}，含{a}")),
    (
        r"(?P<x>[^（）]*)（(?P<y>(?!例如|但|这里|灯用|不)[^（）]+)）(?P<z>[^（）]*)",
        ("（{y}）{x}{z}", "{y} {x}{z}", "{x}{z}，{y}"),
    ),
)
SYMBOL_CHAPTERS = ("26", "71", "75", "80", "81")


class Paraphrase(NamedTuple):
    """One other way of writing goods of the list."""

    hs6: str
    original: str
    text: str
    rule: str


@dataclass(frozen=True)
class Tables:
    """The tables of goods_paraphrases.yaml, their alternatives split."""

    names: dict[str, str | None]
    english: dict[str, list[str]]
    synonyms: dict[str, list[str]]
    parts: dict[str, list[str]]
    english_words: dict[str, list[str]]
    abbreviations: dict[str, list[str]]
    symbols: dict[str, str]
    english_symbols: dict[str, str]
    traditional: dict[int, str]
    typos: dict[str, str]
    protected: frozenset[str]
    pinyin_ambiguous: list[str]
    toneless_ambiguous: list[str]
    readings: dict[str, str]
    noise: dict[str, Any]
    vocabulary: frozenset[str]


@dataclass(frozen=True)
class Goods:
    """One row of the list: the customs number, its name there and the name as an expert reads it."""

    hs10: str
    name: str
    base: str


Rule = Callable[[Goods, str, random.Random, Tables], "str | None"]


@cache
def load_tables(path: Path = TABLES) -> Tables:
    """Read the tables of synonyms, short forms, characters and invoice noise.

    Parameters
    ----------
    path
        The YAML file.

    Returns
    -------
    Tables
        The tables, with the alternatives of each entry split into a list.
    """
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))

    def split(section: str) -> dict[str, list[str]]:
        return {key: [part.strip() for part in value.split(" | ")] for key, value in raw[section].items()}

    english = split("english")
    words = {word.lower() for texts in english.values() for text in texts for word in re.findall(r"[A-Za-z]+", text)}
    return Tables(
        names=raw["names"],
        english=english,
        synonyms=split("synonyms"),
        parts=split("parts"),
        english_words=split("english_words"),
        abbreviations=split("abbreviations"),
        symbols=raw["symbols"],
        english_symbols=raw["english_symbols"],
        traditional=str.maketrans(raw["traditional"]),
        typos=raw["typos"],
        protected=frozenset(raw["protected"]),
        pinyin_ambiguous=raw["pinyin_ambiguous"],
        toneless_ambiguous=raw["toneless_ambiguous"],
        readings=raw["readings"],
        noise=raw["noise"],
        vocabulary=frozenset(words),
    )


def base_name(hs10: str, name: str, tables: Tables) -> str | None:
    """Write out a name the list's parser cut short; None where nobody could tell the subheading.

    Parameters
    ----------
    hs10
        The ten-digit customs number.
    name
        The name in the list.
    tables
        The tables.

    Returns
    -------
    str | None
        The name to put into other words.
    """
    if hs10 in tables.names:
        return tables.names[hs10]
    if name.count("（") > name.count("）"):
        return name[: name.rindex("（")]
    return name


def load_rows(path: Path = GOODS) -> list[tuple[str, str]]:
    """Read the customs numbers and names of the licence list.

    Parameters
    ----------
    path
        The CSV file.

    Returns
    -------
    list[tuple[str, str]]
        Customs number and Chinese name, in the order of the file.
    """
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["hs10"], row["name_zh"]) for row in csv.DictReader(file)]


def is_latin(text: str) -> bool:
    """Whether a text holds no Chinese character."""
    return CJK.search(text) is None


def _replace_part(text: str, rng: random.Random, parts: dict[str, list[str]], *, words: bool) -> str | None:
    """Replace one known piece of a text; a piece within a longer known piece is left alone."""
    spans: list[tuple[int, int, str]] = []
    for key in sorted(parts, key=len, reverse=True):
        pattern = rf"\b{re.escape(key)}\b" if words else re.escape(key)
        for match in re.finditer(pattern, text):
            if not any(start < match.end() and match.start() < end for start, end, _ in spans):
                spans.append((match.start(), match.end(), key))
    if not spans:
        return None
    start, end, key = rng.choice(sorted(spans))
    return text[:start] + rng.choice(parts[key]) + text[end:]


def synonym(goods: Goods, text: str, rng: random.Random, tables: Tables) -> str | None:
    """Put the whole name, or one or two pieces of it, into other words of the same language."""
    if is_latin(text):
        return _replace_part(text, rng, tables.english_words, words=True)
    whole = tables.synonyms.get(text, [])
    if whole and rng.random() < 0.65:
        return rng.choice(whole)
    changed = _replace_part(text, rng, tables.parts, words=False)
    if changed is None:
        return rng.choice(whole) if whole else None
    if rng.random() < 0.4:
        changed = _replace_part(changed, rng, tables.parts, words=False) or changed
    return changed


def translation(goods: Goods, text: str, rng: random.Random, tables: Tables) -> str | None:
    """Name the goods in English."""
    found = tables.english.get(text)
    if not found:
        return None
    chosen = rng.choice(found)
    case = rng.random()
    if case < 0.15:
        return chosen.upper() if not re.search(r"[a-z]\(|[A-Z][a-z]?[,/]|\d", chosen) else chosen
    return chosen[0].upper() + chosen[1:] if case < 0.4 else chosen


def _strip_tones(syllable: str) -> str:
    """Take the tone mark off a syllable and write ü as v."""
    plain = "".join(c for c in unicodedata.normalize("NFD", syllable) if c not in "\u0300\u0301\u0304\u030c")
    return unicodedata.normalize("NFC", plain).replace("ü", "v")


def pinyin(goods: Goods, text: str, rng: random.Random, tables: Tables) -> str | None:
    """Write a Chinese name in pinyin, with or without tone marks and spaces; not where the sound names other goods."""
    han = CJK.findall(text)
    if not 3 <= len(han) <= 12 or any(re.search(piece, text) for piece in tables.pinyin_ambiguous):
        return None
    toneless = not any(piece in text for piece in tables.toneless_ambiguous) and rng.random() < 0.6
    chunks: list[list[str]] = []
    for chunk in re.findall(r"[\u4e00-\u9fff]+|[A-Za-z0-9.%,()-]+", text):
        if is_latin(chunk):
            chunks.append([chunk])
            continue
        sounds = lazy_pinyin(chunk, style=Style.TONE)
        marked = [tables.readings.get(char, str(sound)) for char, sound in zip(chunk, sounds, strict=True)]
        chunks.append([_strip_tones(sound) for sound in marked] if toneless else marked)
    joined = len(han) <= (5 if toneless else 7) and rng.random() < 0.4
    result = " ".join(("" if joined else " ").join(chunk) for chunk in chunks).replace("- ", "-")
    return result.capitalize() if rng.random() < 0.3 else result


def traditional(goods: Goods, text: str, rng: random.Random, tables: Tables) -> str | None:
    """Write a Chinese name in traditional characters."""
    return None if is_latin(text) else text.translate(tables.traditional)


def abbreviation(goods: Goods, text: str, rng: random.Random, tables: Tables) -> str | None:
    """Use the short form of the trade, the formula or refrigerant number, or the metal's symbol in the name."""
    short = tables.abbreviations.get(text)
    if short and rng.random() < 0.85:
        return rng.choice(short)
    if not goods.hs10.startswith(SYMBOL_CHAPTERS):
        return rng.choice(short) if short else None
    changed = text
    if is_latin(text):
        for word, symbol in tables.english_symbols.items():
            changed = re.sub(rf"\b{word}\b", symbol, changed, flags=re.IGNORECASE)
    elif not re.search("焊锡|镀锡", text):
        for metal, symbol in tables.symbols.items():
            changed = changed.replace(metal, symbol)
    return changed


def _english_order(text: str, rng: random.Random) -> str | None:
    """Put the noun of an English name first, as customs tariffs do, or join an inverted name again."""
    if text.lower().startswith("other "):
        return f"{text[6:]}, {text[:5]}"
    if "(" in text and not re.search(r"\w\(I", text):
        head, _, rest = text.partition(" (")
        inner, closed, tail = rest.partition(")")
        return f"{inner} - {head}" if closed and not tail and not inner.startswith(("of ", "except", "other")) else None
    if text.count(", ") == 1 and not re.search(r"\d|;| and ", text):
        head, tail = text.split(", ")
        return None if tail in {"n.e.s.", "pure"} else f"{tail} {head}"
    if match := re.fullmatch(r"(articles|compounds|oxides) of ([a-z]+)", text, re.IGNORECASE):
        return f"{match[2]} {match[1]}"
    if match := re.fullmatch(r"(.+) (waste and scrap|ores and concentrates)", text, re.IGNORECASE):
        return f"{match[2]}, {match[1]}"
    words = text.split(" ")
    if 2 <= len(words) <= 4 and not re.search(r"[;,%&]| (?:and|or|of|for|with|in|to|than|containing) ", text):
        return f"{words[-1]}{rng.choice([', ', ' - ', ' '])}{' '.join(words[:-1])}"
    return None


def order(goods: Goods, text: str, rng: random.Random, tables: Tables) -> str | None:
    """Turn the parts of a name round: bracket first, noun before modifier, list items exchanged."""
    if is_latin(text):
        return _english_order(text, rng)
    fits: list[str] = []
    for pattern, templates in WORD_ORDERS:
        if match := re.fullmatch(pattern, text):
            groups = {key: value or "" for key, value in match.groupdict().items()}
            fits.extend(template.format(**groups).strip(" ，").replace("，（", "（") for template in templates)
    return rng.choice(fits) if fits else None


def _english_typo(text: str, rng: random.Random, tables: Tables) -> str | None:
    """Mistype one letter of a long word, sparing the ends of words and the stems on which the subheading hangs."""
    spots: list[int] = []
    for match in re.finditer(r"[A-Za-z][a-z]{5,}|[A-Z]{6,}", text):
        word = match[0].lower()
        if word.endswith(("ane", "anes")):
            for stem in HALIDE.finditer(match[0]):
                spots.extend(match.start() + i for i in range(stem.start() + 1, stem.end() - 2))
        else:
            spots.extend(range(match.start() + 2, match.end() - 2))
    if not spots:
        return None
    at = rng.choice(spots)
    letter = text[at]
    kind = rng.choice(["drop", "double", "swap", "wrong"])
    if kind == "drop":
        result = text[:at] + text[at + 1 :]
    elif kind == "double":
        result = text[:at] + letter + text[at:]
    elif kind == "swap":
        result = text[:at] + text[at + 1] + letter + text[at + 2 :]
    else:
        other = rng.choice(KEYBOARD.get(letter.lower(), letter.lower()))
        result = text[:at] + (other.upper() if letter.isupper() else other) + text[at + 1 :]
    left = len(re.search(r"[A-Za-z]*$", result[:at])[0])  # type: ignore[index]
    word = re.match(r"[A-Za-z]+", result[at - left :])
    return None if word is None or word[0].lower() in tables.vocabulary else result


def _chinese_typo(text: str, rng: random.Random, tables: Tables) -> str | None:
    """Mistype one character: a homophone or look-alike, or a dropped, doubled or exchanged character."""
    free = [i for i, char in enumerate(text) if CJK.match(char) and char not in tables.protected]
    long = len(CJK.findall(text)) >= 4
    metals = [i for i, char in enumerate(text) if re.match(METAL, char)]
    alike = [i for i, char in enumerate(text) if char in tables.typos and (i not in metals or (long and i > 0))]
    if len(metals) == 1 and text[metals[0] + 1 :].startswith(("的", "及")):
        alike = [i for i in alike if i not in metals]
    kinds = ["alike"] * 3 if alike else []
    if free and long:
        kinds += ["drop", "double", "swap"]
    if not kinds:
        return None
    kind = rng.choice(kinds)
    if kind == "alike":
        at = rng.choice(alike)
        return text[:at] + rng.choice(tables.typos[text[at]]) + text[at + 1 :]
    at = rng.choice(free)
    if kind == "drop":
        return text[:at] + text[at + 1 :]
    if kind == "double":
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :] if at + 1 in free else None


def typo(goods: Goods, text: str, rng: random.Random, tables: Tables) -> str | None:
    """Mistype one character."""
    return _english_typo(text, rng, tables) if is_latin(text) else _chinese_typo(text, rng, tables)


def invoice(goods: Goods, text: str, rng: random.Random, tables: Tables) -> str | None:
    """Add what else an invoice line says: quantity, packing, origin, terms; never a customs number."""
    language = "en" if is_latin(text) or rng.random() < 0.2 else "zh"
    packing: dict[str, dict[str, list[str]]] = tables.noise["packing"]
    prefix = max((key for key in packing if goods.hs10.startswith(key)), key=len)
    weight = rng.choice(packing[prefix][language])
    other = rng.choice(tables.noise[language])
    comma = ", " if language == "en" else "，"
    shapes = [
        f"{text} {weight}",
        f"{text}{comma}{other}",
        f"{weight} {text}",
        f"{text}{comma}{weight}{comma}{other}",
        f"{other} {text} {weight}",
        f"{text} / {weight} / {other}",
    ]
    return rng.choice(shapes)


RULES: dict[str, Rule] = {
    "synonym": synonym,
    "translation": translation,
    "pinyin": pinyin,
    "traditional": traditional,
    "abbreviation": abbreviation,
    "order": order,
    "typo": typo,
    "invoice": invoice,
}


def _normal(text: str) -> str:
    """Fold case and drop spaces and punctuation, to tell whether two texts say the same."""
    return re.sub(r"[\s，,；;、/()（）-]", "", text).lower()


def _apply(goods: Goods, plan: Sequence[str], rng: random.Random, tables: Tables) -> str | None:
    """Apply one rule, or one rule after the other; None where a rule does not fit or changes nothing."""
    text = goods.base
    for name in plan:
        changed = RULES[name](goods, text, rng, tables)
        if changed is None or changed == text:
            return None
        text = changed
    return text


def paraphrases(rows: Iterable[tuple[str, str]], seed: int) -> list[Paraphrase]:
    """Draw other ways of writing the goods of the list.

    Parameters
    ----------
    rows
        Customs number (ten digits) and Chinese name of each goods.
    seed
        The seed of the drawing; the same seed and rows give the same paraphrases.

    Returns
    -------
    list[Paraphrase]
        Up to `PER_NAME` paraphrases of each name. A text that would stand for two subheadings, or that is itself a
        name of the list, is left out; so is a row whose name tells no subheading.
    """
    tables = load_tables()
    rng = random.Random(seed)
    listed = list(rows)
    drawn: list[Paraphrase] = []
    for hs10, name in listed:
        base = base_name(hs10, name, tables)
        if base is None:
            continue
        goods = Goods(hs10, name, base)
        plans: list[tuple[str, ...]] = [(single,) for single in SINGLES] + list(PAIRS)
        rng.shuffle(plans)
        seen: set[str] = set()
        for plan in plans:
            text = _apply(goods, plan, rng, tables)
            if text is None or text in seen:
                continue
            seen.add(text)
            drawn.append(Paraphrase(hs10[:6], name, text, "+".join(plan)))
            if len(seen) == PER_NAME:
                break
    headings: dict[str, set[str]] = {}
    for item in drawn:
        headings.setdefault(_normal(item.text), set()).add(item.hs6)
    for hs10, name in listed:
        headings.setdefault(name, set()).add(hs10[:6])
    names = {name for _, name in listed}
    result: list[Paraphrase] = []
    taken: set[tuple[str, str]] = set()
    for item in drawn:
        unique = len(headings[_normal(item.text)]) == 1
        if unique and item.text not in names and (item.hs6, item.text) not in taken:
            taken.add((item.hs6, item.text))
            result.append(item)
    return result


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a sample of the paraphrases and how many each rule gave."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, default=40, help="how many to print (0: all)")
    parser.add_argument("--goods", type=Path, default=GOODS, help="CSV with the columns hs10 and name_zh")
    options = parser.parse_args(arguments)
    found = paraphrases(load_rows(options.goods), options.seed)
    chosen = found
    if 0 < options.sample < len(found):
        chosen = random.Random(options.seed).sample(found, options.sample)
    for item in chosen:
        print(f"{item.hs6}  {item.rule:<24}  {item.original}  ->  {item.text}")
    print(f"\n{len(found)} paraphrases of {len({item.original for item in found})} names, by rule:")
    for rule, count in Counter(item.rule for item in found).most_common():
        print(f"{count:5}  {rule}")


if __name__ == "__main__":
    main()
