"""``orepass demo``: the law beside US imports of Chinese origin, in the terminal and as a page."""

from __future__ import annotations

from pathlib import Path

from orepass.errors import BadInput

STYLES = {
    "prohibited": "bold red",
    "refusal_presumed": "red",
    "licence_required": "yellow",
    "law_unknown": "magenta",
    "needs_facts": "blue",
    "not_controlled": "green",
}


def run_demo(report: Path) -> None:
    """Replay, print the table, write the page."""
    from rich.console import Console
    from rich.table import Table

    from orepass.demo.chart import kilograms
    from orepass.demo.replay import replay, spans
    from orepass.demo.report import months, page, said
    from orepass.law.timeline import Law

    if not report.parent.is_dir():
        raise BadInput("the folder does not exist", where=str(report), expected="a folder that exists")
    law = Law.load()
    cells = replay(law)
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=120)
    grid = Table(
        title="US imports of Chinese origin, and what the law said of such a shipment from China to the United States"
    )
    grid.add_column("goods")
    grid.add_column("months", no_wrap=True)
    grid.add_column("the law said", overflow="fold")
    grid.add_column("arrived", justify="right", no_wrap=True)
    previous = ""
    for span in spans(cells):
        name = span.commodity.name
        if previous and name != previous:
            grid.add_section()
        grid.add_row(
            name if name != previous else "",
            months(span),
            said(span),
            kilograms(span.kilograms),
            style=STYLES.get(span.outcome, "dim"),
        )
        previous = name
    console.print(grid)
    try:
        report.write_text(page(cells, law), encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"the page cannot be written ({error.strerror})",
            where=str(report),
            expected="a folder that can be written to",
        ) from None
    console.print(
        "Origin is not route, arrival is not departure, and a licence is not visible in these figures: the page says what they do not show."
    )
    console.print(f"Page with the chart: {report}", markup=False)
