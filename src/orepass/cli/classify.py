"""``orepass classify``: one description in; what was read, the entries that may hold the goods, the headings, and what to ask."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from orepass.determination.classify import Classification

HEADLINES = {
    "controlled": ("On the control list", "bold black on yellow"),
    "needs_facts": ("It hangs on a fact", "bold white on blue"),
    "law_unknown": ("The law of that day is not known", "bold white on purple4"),
    "free": ("No entry holds these goods", "bold black on green"),
    "unknown": ("The text carries no answer", "bold white on grey37"),
}
SAYS = {"is": "is", "could_be": "could be", "law_open": "is, if the entry is in force"}
TRUST_STYLES = {
    "stated": "green",
    "named": "bold green",
    "computed": "cyan",
    "inferred": "yellow",
    "guessed": "bold magenta",
}


def run_classify(text: str, hs: str | None, on: date | None, as_json: bool) -> None:
    """Read, judge, print."""
    from orepass.determination.classify import classify
    from orepass.law.timeline import Law

    found = classify(text, Law.load(), hs, on)
    if as_json:
        print(json.dumps(found.to_dict(), ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    show(found, Console(highlight=False, soft_wrap=False))


def show(found: Classification, console: Console) -> None:
    """A classification in words."""
    from rich.text import Text

    from orepass.cli.check import section

    title, style = HEADLINES[found.controlled]
    console.print(Text.assemble((f" {title} ", style), f"  on {found.on.isoformat()}"))
    if found.abstains:
        console.print(f"No answer is given: {found.abstains}.", markup=False)
    console.print(marked(found))
    section(console, "Read", _facts(found))
    section(console, "The text speaks against itself", [c.says for c in found.reading.description.conflicts])
    shown = found.entries[:12]
    more = len(found.entries) - len(shown)
    section(
        console,
        "Entries",
        [f"{SAYS[e.says]} {e.code} {e.why}{f' / {e.name_zh}' if e.name_zh else ''} [{e.instrument}]" for e in shown]
        + ([f"and {more} more"] if more > 0 else []),
    )
    section(console, "Nearly", [f"{n.code} ({n.name}): {n.why}{_by(n.by)}" for n in found.near])
    section(
        console,
        "Headings of the tariff (HS 2022)",
        [
            f"{h.hs[:4]}.{h.hs[4:]} {h.title}{f' / {h.title_zh}' if h.title_zh else ''}{'' if h.settled else ' (not settled by the text)'}"
            for h in found.reading.headings[:3]
        ],
    )
    numbers = list(dict.fromkeys(n for e in shown for n in e.numbers))
    if numbers:
        section(console, "China's reference numbers of these entries", [", ".join(numbers[:10])])
    section(
        console,
        f"Declared number {found.reading.number}",
        [
            f"{'Red flag' if flag.unlawful else 'Unusual'}: {flag.says}{f' [{flag.note}; {flag.grade}]' if flag.note else ''}"
            for flag in found.reading.flags
        ],
    )
    section(console, "Questions", [f"{q.text} ({q.why})" for q in found.questions])
    console.print(
        f"\nLaw as of {found.on.isoformat()}; read to {found.law.facts.read_to.isoformat()}; rule book {found.law.version}.",
        style="dim",
    )


def _by(parts: tuple[str, ...]) -> str:
    return f", missed by {'; '.join(parts)}" if parts else ""


def _facts(found: Classification) -> list[str]:
    from orepass.cli.check import plain
    from orepass.determination.transaction import show_value
    from orepass.goods.parameters import parameter_of

    text = found.reading.description.text
    lines: list[str] = []
    for read in found.reading.description.reads:
        parameter = parameter_of(read.fact)
        name = f"share of {read.fact.rpartition('.')[2]} by weight" if parameter.type == "composition" else parameter.en
        unit = f" {parameter.unit}" if parameter.unit else ""
        said = {True: "yes", False: "no"}[read.value] if isinstance(read.value, bool) else plain(show_value(read.value))
        lines.append(f"{name}: {said}{unit} ({read.trust}, from '{text[read.start : read.end].strip()}')")
    return lines


def marked(found: Classification) -> Text:
    """The text with what was read from it marked."""
    from rich.text import Text

    description = found.reading.description
    shown = Text(description.text[:2000])
    for read in description.reads:
        if read.end - read.start < len(description.text) or len(description.reads) == 1:
            shown.stylize(TRUST_STYLES[read.trust], read.start, read.end)
    return shown
