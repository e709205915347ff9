"""The page of ``orepass screen``: its first sentence, its figures, and that nothing in a table can break out of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from orepass.cli.report import LONGEST, MOST, About, first_sentence, screening_page, share, short
from orepass.determination.decisions import Decision, Decisions
from orepass.determination.results import COLOURS
from orepass.determination.rulebook import OUTCOMES
from orepass.determination.tally import Tally, tally
from orepass.determination.words import CONDITION_WORDS, GRADE_WORDS
from orepass.law.timeline import Law

HOSTILE = "<script>alert(1)</script>\"'><img src=//evil.example onerror=alert(2)> & {{ 7*7 }}"
VOID = {"meta", "link", "br", "hr", "img", "input", "rect"}
EMPTY = Tally(0, (), (), (), (), (), (), ())


class Page(HTMLParser):
    """A page read as a browser would: elements with their attributes, tables by caption, texts, and tags left open."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.headings: list[str] = []
        self.open: list[str] = []
        self.lost: list[str] = []
        self._caption = ""
        self._said: list[str] = []
        self._row: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)
        if tag in {"caption", "th", "td", "h1", "h2"}:
            self._said = []
        if tag == "tr":
            self._row = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.lost.append(tag)
        text = " ".join("".join(self._said).split())
        if tag == "caption":
            self._caption = text
            self.tables[text] = []
        elif tag in {"th", "td"}:
            self._row.append(text)
        elif tag == "tr":
            self.tables[self._caption].append(self._row)
        elif tag in {"h1", "h2"}:
            self.headings.append(text)

    def handle_data(self, data: str) -> None:
        self._said.append(data)

    def table(self, start: str) -> list[list[str]]:
        """The body of the table whose caption starts so."""
        (found,) = (rows for caption, rows in self.tables.items() if caption.startswith(start))
        return found[1:]

    def of(self, tag: str) -> Iterator[dict[str, str]]:
        return (attributes for name, attributes in self.elements if name == tag)


@pytest.fixture(scope="module")
def decisions(law: Law) -> Decisions:
    return Decisions(law)


def made(decisions: Decisions, words: str, to: Any = "DE", on: Any = date(2026, 2, 1)) -> Decision:
    return decisions.made[decisions.decide(("date", "to", "description"), (on, to, words))]


@pytest.fixture(scope="module")
def varied(decisions: Decisions, law: Law) -> Tally:
    goods = [
        "gallium metal",
        "antimony ingot 99.65%",
        "tungsten carbide powder",
        "copper cathode",
        "spherical graphite powder",
    ]
    goods += ["", "bismuth metal", "NdFeB magnet", "tungsten alloy", "artificial graphite block"]
    places = ["DE", "US", "JP", "KR", "Atlantis"]
    days = [date(2025, 1, 20), date(2026, 2, 1), "2025-02-30"]
    found = [made(decisions, words, to, on) for words in goods for to in places for on in days]
    return tally([(decision, 7 + 13 * place) for place, decision in enumerate(found)], law)


def about(**changes: Any) -> About:
    mapping = (("Invoice", "-", ""), ("Decl. date", "date", "known name"), ("品名", "description", "known name"))
    given = About("exports.csv", mapping, "abc123", date(2026, 1, 31), date(2026, 2, 3))
    return given._replace(**changes)


# --- the first sentence


def counted(*outcomes: tuple[str, int], unread: int = 0) -> Tally:
    errors = (("no day", unread),) if unread else ()
    return EMPTY._replace(rows=sum(n for _, n in outcomes) + unread, outcomes=outcomes, errors=errors)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (
            counted(
                ("prohibited", 31),
                ("licence_required", 512),
                ("needs_facts", 1204),
                ("not_controlled", 8241),
                unread=12,
            ),
            "Of 10,000 rows, 512 need a licence, 31 are prohibited, 1,204 need a fact before anyone can say; 12 could not be read.",
        ),
        (
            counted(("prohibited", 1), ("refusal_presumed", 1), ("law_unknown", 1), ("needs_facts", 1)),
            "Of 4 rows, 1 needs a licence that is refused in principle, 1 is prohibited, 1 hangs on law that is not known, "
            "1 needs a fact before anyone can say.",
        ),
        (counted(("exempt", 2), ("not_controlled", 1)), "Of 3 rows, 2 are exempt, 1 is not controlled."),
        (counted(("licence_required", 1)), "Of 1 row, 1 needs a licence."),
        (counted(unread=5), "Of 5 rows, 5 could not be read."),
        (EMPTY, "The table has no rows."),
    ],
)
def test_the_first_sentence_says_what_calls_for_action(table: Tally, says: str) -> None:
    assert first_sentence(table) == says
    assert f'<p class="lead">{says}</p>' in screening_page(table, about())


def test_the_first_sentence_can_say_every_outcome() -> None:
    for outcome in OUTCOMES:
        assert re.fullmatch(r"Of 3 rows, 3 [a-z ]+\.", first_sentence(counted((outcome, 3))))


# --- figures


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 10, "0.0 %"),
        (1, 100_000, "<0.1 %"),
        (999, 1_000_000, "<0.1 %"),
        (1, 1000, "0.1 %"),
        (1, 3, "33.3 %"),
        (99_950, 100_000, ">99.9 %"),
        (99_949, 100_000, "99.9 %"),
        (99_999, 100_000, ">99.9 %"),
        (10, 10, "100.0 %"),
        (0, 0, "0.0 %"),
    ],
)
def test_a_share_never_hides_a_row(part: int, whole: int, said: str) -> None:
    assert share(part, whole) == said


def test_outcomes_and_unread_rows_add_up_to_the_table(varied: Tally) -> None:
    assert len(varied.outcomes) >= 4 and varied.unreadable
    page = Page(screening_page(varied, about()))
    rows = page.table("Rows for each outcome")
    assert sum(int(row[1].replace(",", "")) for row in rows) == varied.rows
    assert sum(float(row[2].rstrip(" %")) for row in rows) == pytest.approx(100, abs=0.05 * len(rows) + 1e-9)
    assert rows[-1][0] == "Could not be read" and f"{varied.unreadable:,}" == rows[-1][1]


def test_the_bar_is_filled_from_end_to_end_in_the_colours_of_the_workbook(varied: Tally) -> None:
    table = counted(("prohibited", 1), ("licence_required", 400_000), ("not_controlled", 600_000), unread=1)
    for tallied in (varied, table):
        html = screening_page(tallied, about())
        page = Page(html)
        parts = [a for a in page.of("svg") if a.get("x")]
        assert len(parts) == len(tallied.outcomes) + 1
        end = 0.0
        for part in parts:
            assert float(part["x"].rstrip("%")) == pytest.approx(end, abs=0.01)
            assert float(part["width"].rstrip("%")) >= 0.45
            end += float(part["width"].rstrip("%"))
        assert end == pytest.approx(100, abs=0.01)
        fills = [a["class"].split()[0] for a in page.of("rect") if a.get("class", "").startswith("o-")]
        assert fills == [f"o-{outcome}" for outcome, _ in tallied.outcomes] + ["o-unreadable"]
    for outcome in OUTCOMES:
        assert f".o-{outcome} {{ background: {COLOURS[outcome]}; fill: {COLOURS[outcome]}; }}" in html


def test_only_a_bar_with_widened_parts_says_so() -> None:
    said = "Shares under 0.5 % are drawn wider"
    assert said in screening_page(counted(("prohibited", 1), ("not_controlled", 999)), about())
    assert said not in screening_page(counted(("prohibited", 5), ("not_controlled", 995)), about())


def test_the_question_that_settles_most_rows_alone_stands_first_and_shares_pile_up(varied: Tally) -> None:
    upside_down = varied._replace(questions=tuple(reversed(varied.questions)))
    rows = Page(screening_page(upside_down, about())).table("Questions")
    alone = [int(row[2].replace(",", "")) for row in rows]
    assert alone == sorted(alone, reverse=True) and alone[1] > 0 and alone[-1] == 0
    needing = dict(varied.outcomes)["needs_facts"]
    for place, row in enumerate(rows):
        assert row[3] == (share(sum(alone[: place + 1]), needing) if alone[place] else "")
    asked = {(q.text + q.fact, f"{q.rows:,}", f"{q.alone:,}") for q in varied.questions}
    assert {(row[0], row[1], row[2]) for row in rows} == asked


def test_where_no_answer_is_enough_alone_the_page_says_so(varied: Tally) -> None:
    together = varied._replace(questions=tuple(q._replace(alone=0) for q in varied.questions))
    html = screening_page(together, about())
    assert "None is settled by one answer alone" in html and "settled so far" not in html


def test_entries_have_both_names_minerals_and_rows(varied: Tally, law: Law) -> None:
    html = screening_page(varied, about())
    rows = {row[0]: row for row in Page(html).table("Entries")}
    entry = law.facts.entries["3C001.a"]
    (number,) = (e.rows for e in varied.entries if e.code == "3C001.a")
    assert rows["3C001.a"][1:4] == [entry.name.en + entry.name.zh, "gallium", f"{number:,}"]
    assert f'lang="zh-Hans">{entry.name.zh}<' in html
    assert len(rows) == len(varied.entries)


def test_rules_have_their_paragraph_their_words_and_their_grade(varied: Tally) -> None:
    html = screening_page(varied, about())
    rows = {row[0]: row for row in Page(html).table("Rules")}
    assert rows["ECL-12"][1] == "CN-ECLpara 12"
    assert "needs a licence" in rows["ECL-12"][2] and "须申请许可" in rows["ECL-12"][2]
    assert rows["ECL-12"][3] == "primary" and "primary (official Chinese text" in html
    assert "para -" not in html
    assert len(rows) == len(varied.rules)


def test_conditions_and_grades_of_the_law_all_have_plain_words(law: Law) -> None:
    ride = {condition for rule in law.facts.rules.values() for condition in rule.conditions}
    assert ride - set(CONDITION_WORDS) == set()
    assert {rule.provenance.grade for rule in law.facts.rules.values()} <= set(GRADE_WORDS)
    html = screening_page(EMPTY._replace(rows=2, conditions=(("stricter_review", 2), ("brand_new", 1))), about())
    assert "End user and end use are reviewed more strictly." in html
    assert "Brand new." in html


# --- what is there, and what is left out


def test_a_table_without_questions_or_errors_has_no_section_for_them(decisions: Decisions, law: Law) -> None:
    html = screening_page(tally([(made(decisions, "copper cathode"), 3)], law), about(mapping=()))
    assert Page(html).headings == ["Screening of exports.csv", "Outcomes", "What rides on the answers"]


def test_a_varied_table_has_every_section_in_order(varied: Tally) -> None:
    assert Page(screening_page(varied, about())).headings[1:] == [
        "Outcomes",
        "What to ask first",
        "Entries of the control lists",
        "Minerals",
        "Rules that the answers rest on",
        "What rides on the answers",
        "Rows that could not be read",
        "How the columns were read",
    ]


def test_a_long_table_is_cut_and_says_how_much_is_missing() -> None:
    errors = tuple((f"sentence {n}.", 1) for n in range(MOST + 1234))
    html = screening_page(EMPTY._replace(rows=len(errors), errors=errors), about())
    rows = Page(html).table("What is wrong")
    assert [rows[0][0], rows[-1][0], len(rows)] == ["sentence 0.", f"sentence {MOST - 1}.", MOST]
    assert html.count("and 1,234 more") == 1
    whole = screening_page(EMPTY._replace(rows=MOST, errors=errors[:MOST]), about())
    assert 'class="more"' not in whole and len(Page(whole).table("What is wrong")) == MOST


def test_columns_and_the_foot_say_how_the_page_came_about(varied: Tally) -> None:
    html = screening_page(varied, about(ratio_note="Each cell was decided once."))
    assert Page(html).table("Columns") == [
        ["Invoice", "not read", ""],
        ["Decl. date", "date", "known name"],
        ["品名", "description", "known name"],
    ]
    assert "2 of 3 columns were read." in html
    for said in ("abc123", "2026-01-31", "2026-02-03", "Each cell was decided once."):
        assert said in html
    assert html.count("Orepass is not legal advice.") == 1
    assert "<dt>Note</dt>" not in screening_page(varied, about())


# --- nothing breaks out, nothing is loaded


def hostile_page(decisions: Decisions, law: Law) -> str:
    bad = made(decisions, "gallium metal", to=HOSTILE)
    assert "<script>" in bad.error
    ordinary = tally([(bad, 2), (made(decisions, "gallium metal"), 1)], law)
    asked = tally([(made(decisions, "graphite"), 4)], law).questions
    assert asked
    table = ordinary._replace(
        outcomes=(*ordinary.outcomes, ("needs_facts", 4)),
        questions=tuple(q._replace(text=HOSTILE, fact=HOSTILE) for q in asked),
        entries=tuple(e._replace(families=(HOSTILE,)) for e in ordinary.entries),
        families=((HOSTILE, 1),),
        rules=tuple((rule._replace(says=HOSTILE, zh=HOSTILE, grade=HOSTILE), n) for rule, n in ordinary.rules),
        conditions=((HOSTILE, 1),),
    )
    return screening_page(table, about(source=HOSTILE, mapping=((HOSTILE, HOSTILE, HOSTILE),), ratio_note=HOSTILE))


def test_hostile_texts_stay_texts(decisions: Decisions, law: Law) -> None:
    html = hostile_page(decisions, law)
    page = Page(html)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "iframe", "object", "embed", "base", "form"}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert (page.open, page.lost) == ([], [])
    assert page.headings[0] == f"Screening of {HOSTILE}"
    assert page.table("Columns") == [[HOSTILE, HOSTILE, HOSTILE]]
    assert "alert(1)</script>" in page.table("What is wrong")[0][0]
    assert "{{ 7*7 }}" in html and "49 }}" not in html


def test_a_text_of_five_thousand_characters_is_shortened(decisions: Decisions, law: Law) -> None:
    long = made(decisions, "gallium metal", to="x" * 5000)
    html = screening_page(tally([(long, 1)], law), about(source="y" * 5000))
    assert "x" * LONGEST not in html and "x" * (LONGEST - 30) in html
    assert "y" * LONGEST in html and "y" * (LONGEST + 1) not in html
    assert f"({5000 - LONGEST:,} more characters)" in html


def test_characters_that_no_page_holds_or_that_turn_its_direction_are_replaced() -> None:
    assert short("a\x00b\ud800c\u202ed\u2066e") == "a\ufffdb\ufffdc\ufffdd\ufffde"
    assert short("金属镓, naïve\tcafé\u3000é 𠮷") == "金属镓, naïve\tcafé\u3000é 𠮷"
    screening_page(EMPTY._replace(rows=1, errors=(("\ud800", 1),)), about(source="\udfff")).encode("utf-8")


def test_nothing_is_loaded_from_outside_and_nothing_runs(varied: Tally, decisions: Decisions, law: Law) -> None:
    for html in (screening_page(varied, about()), hostile_page(decisions, law)):
        page = Page(html)
        assert "<script" not in html.casefold()
        loads = [
            value
            for _, attributes in page.elements
            for name, value in attributes.items()
            if name in {"href", "src", "srcset", "xlink:href", "action", "data", "poster"}
        ]
        assert loads == ["data:,"]
        (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
        assert "url(" not in style and "@import" not in style
        (policy,) = (a["content"] for a in page.of("meta") if a.get("http-equiv") == "Content-Security-Policy")
        assert "default-src 'none'" in policy and "script-src" not in policy


def test_the_page_can_be_read_aloud(varied: Tally) -> None:
    page = Page(screening_page(varied, about()))
    assert (page.open, page.lost) == ([], [])
    assert next(page.of("html"))["lang"] == "en"
    assert len(list(page.of("table"))) == len(page.tables) == 8
    assert all(a.get("scope") in {"col", "row"} for a in page.of("th"))
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    named = [a["aria-labelledby"].split() for _, a in page.elements if "aria-labelledby" in a]
    assert {label for labels in named for label in labels} <= set(ids)
    (stack,) = (a for a in page.of("svg") if a.get("role") == "img")
    assert stack["aria-labelledby"] == "bar-title bar-desc"
    assert all(a.get("aria-hidden") for a in page.of("svg") if a.get("class") == "bit")
