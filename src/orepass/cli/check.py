"""``orepass check``: one transaction in, one determination out, in words or as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from orepass.determination.words import OUTCOME_WORDS
from orepass.errors import BadInput

if TYPE_CHECKING:
    from rich.console import Console

    from orepass.determination.determine import Determination
    from orepass.law.timeline import Law

STYLES = {
    "prohibited": "bold white on red",
    "refusal_presumed": "bold white on dark_orange3",
    "licence_required": "bold black on yellow",
    "law_unknown": "bold white on purple4",
    "needs_facts": "bold white on blue",
    "exempt": "bold black on green",
    "not_controlled": "bold black on green",
}


def read_document(file: str) -> tuple[Any, str]:
    """A transaction document from a file or standard input, with the name to put before errors."""
    where = "standard input" if file == "-" else file
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise BadInput(
            f"the file cannot be read ({error.strerror})", where=where, expected="a transaction in YAML or JSON"
        ) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("the file is not text in UTF-8", where=where, expected="a transaction in YAML or JSON") from None
    if "\x00" in text:
        raise BadInput("the file is not text", where=where, expected="a transaction in YAML or JSON")
    if not text.strip():
        raise BadInput("the file is empty", where=where, expected="a transaction in YAML or JSON")
    return _parse(text, where), where


def _parse(text: str, where: str) -> Any:
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text, object_pairs_hook=lambda pairs: _once(pairs, where))
        except json.JSONDecodeError as error:
            first = error
        if not _looks_like_yaml(text):
            raise BadInput(
                f"the text is not JSON ({first.msg}, line {first.lineno})",
                where=where,
                expected="a transaction in YAML or JSON",
            )
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):
        """YAML in which a key stands only once."""

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            pairs = [(self.construct_object(key, deep=True), None) for key, _ in node.value]
            _once([(str(key), value) for key, value in pairs], where)
            return super().construct_mapping(node, deep=deep)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]

    try:
        return yaml.load(text, Loader=Loader)
    except ValueError as error:
        raise BadInput(
            f"a value cannot be read ({error})", where=where, expected="days of the calendar as YYYY-MM-DD"
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise BadInput(
            f"the text is not YAML ({getattr(error, 'problem', None) or 'not readable'}{line})",
            where=where,
            expected="a transaction in YAML or JSON",
        ) from None


def _once(pairs: list[tuple[str, Any]], where: str) -> dict[str, Any]:
    """Refuse a field that stands there twice: one of the two would be lost."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BadInput(f"field {key!r} stands there twice", where=where, expected="each field once")
        found[key] = value
    return found


def _looks_like_yaml(text: str) -> bool:
    return text.lstrip()[1:].lstrip()[:1] not in {'"', "}"}


def run_check(file: str, *, as_json: bool, ask: bool) -> None:
    """Read, determine, print; with ``ask``, go on until nothing is left to ask."""
    from orepass.determination.determine import determine
    from orepass.determination.questions import questions_asked
    from orepass.determination.transaction import transaction
    from orepass.law.timeline import Law

    document, where = read_document(file)
    law = Law.load()
    try:
        answer = determine(transaction(document), law)
        while ask and questions_asked(answer):
            if file == "-":
                raise BadInput(
                    "questions cannot be asked while the transaction comes from standard input",
                    where="--ask",
                    expected="a file",
                )
            if not _ask(answer, document):
                break
            answer = determine(transaction(document), law)
    except BadInput as error:
        raise error.at(where) from None
    if as_json:
        print(json.dumps(answer.to_dict(), indent=2, ensure_ascii=False))
    else:
        from rich.console import Console

        show(answer, Console(highlight=False, soft_wrap=False), law)


def _ask(answer: Determination, document: dict[str, Any]) -> bool:
    """Put each question at the terminal; an empty answer leaves it open. Whether anything was answered."""
    from orepass.determination.answering import LEFT_OPEN, asked_of, write_answer
    from orepass.determination.transaction import transaction

    got = False
    for asked in asked_of(answer):
        question = asked.question
        print(f"\n{f'Line {question.line}: ' if question.line else ''}{question.text}", file=sys.stderr)
        print(f"  why: {question.why}", file=sys.stderr)
        print(f"  answer with: {', '.join(question.allowed)} (empty: not known)", file=sys.stderr)
        while True:
            print("> ", end="", file=sys.stderr, flush=True)
            typed = sys.stdin.readline()
            if not typed:
                return got
            reply = typed.strip()
            if not reply or reply == LEFT_OPEN:
                break
            before = json.dumps(document, default=str)
            try:
                write_answer(document, asked, reply)
                transaction(document)
            except BadInput as error:
                print(f"  {error.sentence}", file=sys.stderr)
                document.clear()
                document.update(json.loads(before))
                continue
            got = True
            break
    return got


def show(answer: Determination, console: Console, law: Law) -> None:
    """The determination in words."""
    from rich.text import Text

    document = answer.to_dict()
    title, style = OUTCOME_WORDS[answer.outcome], STYLES[answer.outcome]
    console.print(Text.assemble((f" {title} ", style), f"  on {document['law']['as_of']}"))
    if document["conditions"]:
        console.print("Conditions: " + ", ".join(c.replace("_", " ") for c in document["conditions"]))
    for line in document["lines"]:
        _show_line(line, console, many=len(document["lines"]) > 1)
    section(
        console,
        "Why",
        [
            f"{r['says']} [{r['rule']}; {r['instrument']}{_paragraph(r['paragraph'])}; {r['grade']}]"
            for r in document["reasons"]
        ],
    )
    section(
        console,
        "Parties on a list",
        [
            f"{p['name']} ({p['role']}): {p['listed_as']}, {p['list']} list, {p['notice']}, {p['state']}"
            for p in document["parties"]
        ],
    )
    section(
        console,
        "Parties that may stand on a list",
        [
            f"{p['name']} ({p['role']}) may be {p['may_be']}, {p['list']} list, {p['listing']}, {p['state']}. {p['evidence']}"
            for p in document["likely_parties"]
        ],
    )
    section(
        console,
        "Could be",
        [_could(c) for c in document["could_be"]],
    )
    section(console, "Questions", [f"{q['question']} ({q['why']})" for q in document["questions"]])
    section(console, "Papers and duties", document["documents"])
    if clock := document["clock"]:
        note = ", a forecast" if clock["forecast"] else ""
        section(
            console,
            "Clock",
            [
                f"{clock['working_days']} working days from {clock['from']}: {clock['if_accepted_on_the_day']} if accepted on "
                f"that day{note}; not counted: {', '.join(clock['not_counted'])}"
            ],
        )
    section(console, "Assumed", document["assumed"])
    section(console, "Doubts", document["doubts"])
    known = f", as known on {document['law']['known']}" if document["law"]["known"] else ""
    console.print(
        f"\nLaw as of {document['law']['as_of']}{known}; read to {document['law']['read_to']}; rule book {document['law']['rulebook']}.",
        style="dim",
    )


def _show_line(line: dict[str, Any], console: Console, *, many: bool) -> None:
    if many:
        console.print(f"\nLine {line['line']}: {OUTCOME_WORDS[line['outcome']].lower()}", style="bold")
    if line["read"]:
        console.print("Read: " + ", ".join(f"{name} = {plain(value)}" for name, value in line["read"].items()))
    for entry in line["entries"]:
        state = "" if entry["state"] == "in_force" else f" ({entry['state'].replace('_', ' ')})"
        console.print(
            f"Entry {entry['code']}{state}: {entry['why']} [{entry['instrument']}; {entry['grade']}]", markup=False
        )
    if line["candidates"]:
        console.print(
            "Could be of entry "
            + ", ".join(line["candidates"][:12])
            + (" and others" if len(line["candidates"]) > 12 else "")
        )
    for near in line["near_misses"]:
        by = f", missed by {'; '.join(near['by'])}" if near["by"] else ""
        console.print(f"Nearly {near['code']} ({near['name']}): {near['why']}{by}", markup=False)


def _could(possible: dict[str, Any]) -> str:
    words = possible["outcome"].replace("_", " ")
    if possible["conditions"]:
        words += f" ({', '.join(c.replace('_', ' ') for c in possible['conditions'])})"
    return f"{words} if {possible['if']} [{possible['rule']}]"


def _paragraph(text: str) -> str:
    return "" if text == "-" else f" para {text}"


def plain(value: Any) -> str:
    """A value as text: an interval by its ends."""
    if isinstance(value, list):
        pair = cast("list[Any]", value)
        if len(pair) == 2 and all(item is None or isinstance(item, int | float) for item in pair):
            low, high = pair
            if high is None:
                return f"at least {low:g}"
            return f"at most {high:g}" if low is None else f"{low:g} to {high:g}"
        return ", ".join(str(item) for item in pair)
    return str(value)


def section(console: Console, title: str, lines: Iterable[str]) -> None:
    """A titled list, unless there is nothing in it."""
    from rich.padding import Padding
    from rich.text import Text

    kept = list(lines)
    if not kept:
        return
    console.print(f"\n{title}", style="bold")
    for text in kept:
        console.print(Padding(Text(f"- {text}"), (0, 0, 0, 2)))
