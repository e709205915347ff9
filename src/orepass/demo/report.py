"""The demo's page: one chart, two tables, and what the figures do not show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from orepass.demo.chart import LABELS, chart, kilograms
from orepass.demo.replay import TOLD, Cell, Span, Verdict, spans, totals
from orepass.law.timeline import Law


def said(span: Span) -> str:
    """What the law said in a span of months, in words."""
    parts = [_words(verdict) for verdict in span.verdicts]
    text = parts[0]
    for verdict, words in zip(span.verdicts[1:], parts[1:], strict=True):
        text += f"; from {verdict.since} {words}"
    return text


def _words(verdict: Verdict) -> str:
    extra = ", ".join(condition.replace("_", " ") for condition in verdict.conditions)
    return LABELS[verdict.outcome] + (f" ({extra})" if extra else "")


def months(span: Span) -> str:
    """The months of a span."""
    return span.first if span.first == span.last else f"{span.first} to {span.last}"


def page(cells: Sequence[Cell], law: Law) -> str:
    """The page as HTML, whole in itself: nothing is loaded from outside."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=False,
    )
    present = {cell.outcome for cell in cells}
    key = [(outcome, LABELS[outcome]) for outcome in TOLD if outcome in present]
    table = [
        (name, {outcome: kilograms(row[outcome]) if outcome in row else "" for outcome, _ in key})
        for name, row in totals(cells).items()
    ]
    return environment.get_template("report.html").render(
        outcomes=TOLD,
        key=key,
        chart=chart(cells),
        totals=table,
        spans=[
            {
                "name": span.commodity.name,
                "months": months(span),
                "said": said(span),
                "amount": kilograms(span.kilograms),
            }
            for span in spans(cells)
        ],
        first=cells[0].month,
        last=cells[-1].month,
        read_to=law.facts.read_to,
        version=law.version,
    )
