"""Screen: a table handed in, its columns looked over, its answers filtered, and taken away as a coloured sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse, Response

from orepass.determination.rows import JOINED, RESULT_COLUMNS, known_columns
from orepass.determination.rulebook import OUTCOMES
from orepass.determination.transaction import a_day
from orepass.errors import BadInput, NotFound
from orepass.web.jobs import Job, Jobs
from orepass.web.pages.catalogue import to_say, words_of
from orepass.web.pages.pictures import bar
from orepass.web.pages.site import Site
from orepass.web.pages.visiting import Form, SignedIn, Visiting
from orepass.web.routes_law import today
from orepass.web.routes_screen import MEDIA

router = APIRouter(include_in_schema=False)
Key = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
SHOWN = 50
"""Rows of a page of results."""
_ANSWERS = {"xlsx", "csv", "parquet"}
NOTHING = to_say("Choose a table first: a file that ends in .xlsx, .csv or .parquet.")
DONE_OF = to_say("%(rows)s of %(total)s rows")


class Row(NamedTuple):
    """A row of the answers, with the cells of the table that was handed in."""

    number: int
    outcome: str
    error: str
    codes: tuple[str, ...]
    reasons: tuple[str, ...]
    questions: str
    own: tuple[str, ...]


class Rows(NamedTuple):
    """Some rows of the answers, the columns of the table that was handed in, and how many rows there are in all."""

    own: tuple[str, ...]
    rows: Sequence[Row]
    total: int


class Filter(NamedTuple):
    """What of the answers is shown."""

    outcome: str = ""
    family: str = ""
    fact: str = ""
    page: int = 1


@router.get("/screen")
def first(request: Request, visitor: Visiting, actor: SignedIn) -> Response:
    """The form, and the tables of one's organisation."""
    return _first(request, visitor, "")


def _first(request: Request, visitor: Visiting, wrong: str) -> Response:
    site: Site = request.app.state.site
    jobs: Jobs = request.app.state.jobs
    assert visitor.actor is not None
    found = jobs.jobs(visitor.actor)
    return site.page(request, visitor, "screen.html", 422 if wrong else 200, jobs=found, wrong=wrong)


@router.post("/screen")
def hand_in(request: Request, visitor: Visiting, actor: SignedIn, form: Form) -> Response:
    """Take a table in; its columns are looked at first."""
    jobs: Jobs = request.app.state.jobs
    file = form.file("file")
    if file is None:
        return _first(request, visitor, NOTHING)
    try:
        job = jobs.add(actor, file.filename or "", file.file, "xlsx", None, confirm=True)
    except BadInput as error:
        return _first(request, visitor, error.sentence)
    return RedirectResponse(f"/screen/{job.id}", 303)


@router.get("/screen/{key}")
def one(
    request: Request,
    visitor: Visiting,
    actor: SignedIn,
    key: Key,
    outcome: Annotated[str, Query(max_length=40)] = "",
    family: Annotated[str, Query(max_length=60)] = "",
    fact: Annotated[str, Query(max_length=100)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    columns: Annotated[str, Query(max_length=1)] = "",
) -> Response:
    """A table: its progress, its columns, or its answers."""
    job = request.app.state.jobs.job(actor, key)
    if "application/json" in request.headers.get("accept", ""):
        said = words_of(visitor.language).gettext(DONE_OF) % {"rows": f"{job.rows:,}", "total": f"{job.total:,}"}
        return JSONResponse(
            {"state": job.state, "rows": job.rows, "total": job.total, "said": said if job.total else ""}
        )
    if job.state == "mapped" or (columns and job.state in {"done", "failed"} and "columns" in job.detail):
        return _columns(request, visitor, job, "")
    if job.state != "done":
        site: Site = request.app.state.site
        return site.page(request, visitor, "screen_wait.html", job=job)
    return _answers(request, visitor, job, Filter(outcome, family, fact, page))


def _columns(request: Request, visitor: Visiting, job: Job, wrong: str) -> Response:
    site: Site = request.app.state.site
    columns = [(*found, sample) for found, sample in zip(job.detail["columns"], job.detail["sample"], strict=True)]
    read = {name for _, name, _, _ in columns}
    return site.page(
        request,
        visitor,
        "screen_columns.html",
        422 if wrong else 200,
        job=job,
        columns=columns,
        names=sorted(known_columns()),
        has_day="date" in read,
        has_country=bool(read & {"to", "end_user_country"}),
        today=today(),
        wrong=wrong,
    )


@router.post("/screen/{key}/columns")
def confirm(request: Request, visitor: Visiting, actor: SignedIn, key: Key, form: Form) -> Response:
    """Screen the table with its columns as they were looked over."""
    jobs: Jobs = request.app.state.jobs
    job = jobs.job(actor, key)
    answer = form.text("answer")
    chosen: dict[str, str | None] = {}
    for place, found in enumerate(job.detail.get("columns", ())):
        column, guessed = found[0], found[1]
        name = form.text(f"column.{place}") or "-"
        if name != guessed or name == "-":
            chosen[column] = None if name == "-" else name
    try:
        on = a_day(form.text("on"), "day").isoformat() if form.text("on") else None
        jobs.confirm(actor, key, chosen, answer if answer in _ANSWERS else "xlsx", on)
    except BadInput as error:
        return _columns(request, visitor, job, error.sentence)
    return RedirectResponse(f"/screen/{key}", 303)


@router.post("/screen/{key}/remove")
def remove(request: Request, visitor: Visiting, actor: SignedIn, key: Key, form: Form) -> Response:
    """Throw a table and its answers away."""
    request.app.state.jobs.remove(actor, key)
    return RedirectResponse("/screen", 303)


@router.get("/screen/{key}/answers")
def answers(request: Request, visitor: Visiting, actor: SignedIn, key: Key) -> Response:
    """The answers as a file."""
    job = request.app.state.jobs.job(actor, key)
    found = request.app.state.jobs.answer(actor, key)
    name = job.name.rpartition(".")[0] or "table"
    return FileResponse(found, media_type=MEDIA[found.suffix], filename=f"{name} - answers{found.suffix}")


def _answers(request: Request, visitor: Visiting, job: Job, wish: Filter) -> Response:
    site: Site = request.app.state.site
    path = request.app.state.jobs.answer(visitor.actor, job.id)
    rows = None
    goods = next((column for column, read_as, _ in job.detail.get("columns", ()) if read_as == "description"), "")
    if (page := path.with_name("page.parquet")).exists():
        try:
            rows = filtered(str(page), wish, job.detail.get("entries", {}), goods)
        except BadInput as error:
            raise NotFound(error.sentence) from None
    counts = [
        (name, job.detail["outcomes"][name]) for name in (*OUTCOMES[::-1], "error") if name in job.detail["outcomes"]
    ]
    needing = job.detail["outcomes"].get("needs_facts", 0)
    return site.page(
        request,
        visitor,
        "screen_answers.html",
        job=job,
        counts=counts,
        bars={name: bar(count / max(job.rows, 1)) for name, count in counts},
        questions=[question for question in job.detail.get("questions", ()) if question[3] or question[2]],
        needing=needing,
        wish=wish,
        rows=rows,
        pages=-(-rows.total // SHOWN) if rows else 0,
        suffix=path.suffix.removeprefix(".").upper(),
    )


def filtered(path: str, wish: Filter, entries: dict[str, list[str]], first: str = "") -> Rows:
    """Rows of the answers that a filter leaves.

    Parameters
    ----------
    path
        The answers as Parquet.
    wish
        Outcome (``error`` for rows that could not be read), mineral, fact that is missing; the page.
    entries
        Entries of each mineral.
    first
        The column of the table that comes before its others.
    """
    import duckdb

    where, values = ["true"], list[Any]()
    if wish.outcome == "error":
        where.append("error is not null and error <> ''")
    elif wish.outcome:
        where.append("outcome = ?")
        values.append(wish.outcome)
    if wish.family:
        where.append("list_has_any(string_split(coalesce(codes, ''), ?), ?)")
        values += [JOINED, entries.get(wish.family, [])]
    if wish.fact:
        where.append("list_contains(string_split(coalesce(missing, ''), ?), ?)")
        values += [JOINED, wish.fact]
    with duckdb.connect(config={"threads": 1, "memory_limit": "512MB"}) as connection:
        table = connection.read_parquet(path, file_row_number=True)
        names = [name for name in table.columns if name not in {*RESULT_COLUMNS, "file_row_number"}]
        own = tuple(sorted(names, key=lambda name: name != first))
        wanted = " and ".join(where)
        connection.register("answers", table)
        total = connection.execute(f"select count(*) from answers where {wanted}", values).fetchone()
        shown = ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}"' for name in (*_TOLD, *own))
        found = connection.execute(
            f"select file_row_number + 1, {shown} from answers where {wanted} order by file_row_number limit ? offset ?",
            [*values, SHOWN, (wish.page - 1) * SHOWN],
        ).fetchall()
    return Rows(own, [_row(cells) for cells in found], int(total[0]) if total else 0)


_TOLD = ("outcome", "error", "codes", "reasons", "questions")


def _row(cells: Sequence[Any]) -> Row:
    number, *said = cells
    outcome, error, codes, reasons, questions = ("" if cell is None else str(cell) for cell in said[: len(_TOLD)])
    own = tuple("" if cell is None else str(cell) for cell in said[len(_TOLD) :])
    return Row(number, outcome, error, _parts(codes), _parts(reasons), questions, own)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(JOINED) if part)
