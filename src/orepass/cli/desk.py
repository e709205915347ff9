"""``orepass desk``: the licence desk for people who script; the same deeds as the API's, on the database itself."""

from __future__ import annotations

import json
import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from orepass.cli import desk_accounts, desk_store
from orepass.cli.desk_hand import As, Database, Json, at_hand, shown, tell, told, valid
from orepass.errors import BadInput, NotFound

if TYPE_CHECKING:
    from orepass.licences.case import Case

app = typer.Typer(
    help="The licence desk: cases, licences, the gate, the journal.", no_args_is_help=True, rich_markup_mode=None
)
desk_accounts.add_to(app)
desk_store.add_to(app)


@app.command()
def apply(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="The application in YAML or JSON.")],
    account: As,
    paper: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--paper", metavar="KIND=FILE", help="A paper to file; KIND:PLACE=FILE for a party. May be repeated."
        ),
    ] = None,
    submit: Annotated[bool, typer.Option("--submit/--draft", help="Hand it in, or leave it in draft.")] = True,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Open a case, file its papers and hand it in."""
    from orepass.licences.application import Application
    from orepass.licences.bodies import Nothing

    wanted = told(file, Application, "an application; see docs/desk.md")
    papers = [_paper(text) for text in paper or []]
    with at_hand(database) as desk:
        actor = desk.actor(account)
        case = desk.desk.open_case(actor, wanted)
        try:
            for kind, party, path, content in papers:
                media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
                case = desk.desk.file_paper(actor, case.id, kind, path.name, media, content, party)
            if submit:
                case = desk.desk.move_case(actor, case.id, "submit", Nothing())
        except Exception:
            typer.echo(f"Case {case.id} is in draft.", err=True)
            raise
        tell(case, desk, as_json)


@app.command()
def file(
    case: str,
    papers: Annotated[list[str], typer.Argument(metavar="KIND=FILE...")],
    account: As,
    database: Database = None,
) -> None:
    """File papers with a case: end_user_certificate=cert.pdf, or end_user_certificate:2=cert.pdf for the second party."""
    read = [_paper(text) for text in papers]
    with at_hand(database) as desk:
        for kind, party, path, content in read:
            media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            desk.desk.file_paper(desk.actor(account), case, kind, path.name, media, content, party)
            typer.echo(f"Filed {path.name} with {case}.")


def _paper(text: str) -> tuple[str, int | None, Path, bytes]:
    head, _, path = text.partition("=")
    kind, _, place = head.partition(":")
    if not path or (place and not place.isdigit()):
        raise BadInput(f"{text!r} names no paper", where="--paper", expected="KIND=FILE or KIND:PLACE=FILE")
    try:
        return kind, int(place) if place else None, Path(path), Path(path).read_bytes()
    except OSError as error:
        raise BadInput(f"the file cannot be read ({error.strerror})", where=path, expected="a file") from None


@app.command("list")
def list_(
    account: As,
    state: Annotated[Optional[str], typer.Option("--state", help="Only cases in this state.")] = None,  # noqa: UP045
    database: Database = None,
    as_json: Json = False,
) -> None:
    """List the cases that one may see, with their clocks."""
    with at_hand(database) as desk:
        actor, after = desk.actor(account), ""
        found: list[Case] = []
        while True:
            page = desk.desk.cases(actor, state, after, 200)
            found += page.records
            if page.next is None:
                break
            after = page.next
        if as_json:
            typer.echo(json.dumps([case.model_dump(mode="json", by_alias=True) for case in found], ensure_ascii=False))
            return
        from rich.console import Console
        from rich.table import Table

        grid = Table("case", "state", "kind", "of", "goods", "to", "due", "clock")
        for case in found:
            clock = desk.desk.clock(case)
            due = f"{clock.due}{' (forecast)' if clock.forecast else ''}" if clock and clock.due else ""
            goods = "; ".join(good.description for good in case.application.goods)[:50]
            standing = clock.standing.replace("_", " ") if clock else ""
            grid.add_row(
                case.id,
                case.state.replace("_", " "),
                case.application.kind,
                case.organisation,
                goods,
                case.application.to or "",
                due,
                standing,
            )
        Console(highlight=False).print(grid)


@app.command()
def show(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Of a case, a licence or a declaration.")],
    account: As,
    history: Annotated[bool, typer.Option("--history", help="Also what was done with a case.")] = False,
    database: Database = None,
) -> None:
    """Show a case, a licence or a declaration as JSON."""
    with at_hand(database) as desk:
        actor = desk.actor(account)
        for find in (desk.desk.case, desk.desk.licence, desk.gate.declaration):
            try:
                shown(find(actor, number))
                break
            except NotFound:
                continue
        else:
            raise NotFound(f"There is no case, licence or declaration {number!r} for {account}.")
        if history:
            for entry in desk.desk.history(actor, number):
                typer.echo(f"{entry.seq}  {entry.at}  {entry.account}  {entry.act}")


@app.command()
def move(
    number: Annotated[str, typer.Argument(metavar="CASE|LICENCE")],
    name: Annotated[str, typer.Argument(metavar="MOVE", help="Such as accept, ask, reply, pause, unflag, withdraw.")],
    file: Annotated[Optional[str], typer.Argument(metavar="FILE|-", help="What the move is told.")] = None,  # noqa: UP045
    account: As = "",
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Make any move of the table on a case or a licence; docs/desk.md lists them."""
    from orepass.licences.bodies import CASE_BODIES, LICENCE_BODIES

    licence = number.startswith("L")
    bodies = LICENCE_BODIES if licence else CASE_BODIES
    if name not in bodies or name == "file":
        raise BadInput(f"{name!r} is no move", where="MOVE", expected=", ".join(key for key in bodies if key != "file"))
    body = told(file, bodies[name], f"what {name} is told; see docs/desk.md")
    with at_hand(database) as desk:
        actor = desk.actor(account)
        if licence:
            moved = desk.desk.move_licence(actor, number, name, body)
            typer.echo(f"Licence {moved.id} is {moved.state.replace('_', ' ')}.")
        else:
            tell(desk.desk.move_case(actor, number, name, body), desk, as_json)


@app.command()
def advise(
    case: str,
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="good:1, party:2 ..., or all.")],
    recommends: Annotated[str, typer.Argument(metavar="grant|refuse|controlled|not_controlled")],
    text: Annotated[str, typer.Option("--text", help="Why.")],
    account: As,
    database: Database = None,
) -> None:
    """Advise on an item or a party of a case."""
    from orepass.licences.bodies import Advise

    with at_hand(database) as desk:
        actor = desk.actor(account)
        subjects = desk.desk.case(actor, case).subjects if subject == "all" else (subject,)
        for one in subjects:
            given = {"subject": one, "recommends": recommends, "text": text}
            now = desk.desk.move_case(actor, case, "advise", valid(Advise, given))
            typer.echo(f"Advice {now.advice[-1].id} on {one}: {recommends}.")


@app.command()
def countersign(
    case: str,
    advice: Annotated[
        list[int] | None, typer.Argument(metavar="ADVICE...", help="Its numbers; all that wait unless named.")
    ] = None,
    disagree: Annotated[bool, typer.Option("--disagree", help="Turn it down.")] = False,
    note: Annotated[str, typer.Option("--note")] = "",
    account: As = "",
    database: Database = None,
) -> None:
    """Sign advice as the second reader."""
    from orepass.licences.bodies import Countersign

    with at_hand(database) as desk:
        actor = desk.actor(account)
        waiting = [part.id for part in desk.desk.case(actor, case).advice if part.signed_at is None]
        for number in advice or waiting:
            given = {"advice": number, "agrees": not disagree, "note": note}
            desk.desk.move_case(actor, case, "countersign", valid(Countersign, given))
            typer.echo(f"Advice {number} is {'turned down' if disagree else 'signed'}.")


@app.command()
def decide(
    case: str,
    decision: Annotated[str, typer.Argument(metavar="grant|refuse|answer|no_licence_needed")],
    file: Annotated[Optional[str], typer.Argument(metavar="FILE|-", help="Conditions, days, amounts.")] = None,  # noqa: UP045
    reason: Annotated[str, typer.Option("--reason", help="Why; a refusal needs it.")] = "",
    account: As = "",
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Decide a case."""
    from orepass.licences.bodies import CASE_BODIES

    if decision not in {"grant", "refuse", "answer", "no_licence_needed"}:
        raise BadInput(
            f"{decision!r} is no decision", where="DECISION", expected="grant, refuse, answer, no_licence_needed"
        )
    body_type = CASE_BODIES[decision]
    body = valid(body_type, {"reason": reason}) if file is None else told(file, body_type, "what the decision says")
    if file is not None and reason:
        body = body.model_copy(update={"reason": reason})
    with at_hand(database) as desk:
        tell(desk.desk.move_case(desk.actor(account), case, decision, body), desk, as_json)


@app.command()
def clear(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A message of customs in YAML or JSON.")],
    account: As,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Answer a message of customs: insert, update, cancel, usage, recheck or hold."""
    from orepass.desk.gate import GateMessage

    message = told(file, GateMessage, "a message of customs; see docs/desk.md")
    with at_hand(database) as desk:
        reply = desk.gate.message(desk.actor(account), message)
        if as_json:
            shown(reply)
            return
        typer.echo(f"Declaration {reply.number}: {reply.state}.")
        for line in reply.verdict.lines:
            for reason in line.reasons:
                detail = f" ({reason.detail})" if reason.detail else ""
                typer.echo(f"  line {line.line}: {reason.result}: {reason.says}{detail} [{reason.paragraph}]")
            for paper in line.papers:
                typer.echo(f"  line {line.line}: missing: {paper}")


@app.command()
def rerun(case: str, account: As, database: Database = None) -> None:
    """Make the determinations of a case again, with the law as it was known then."""
    with at_hand(database) as desk:
        for found in desk.desk.rerun(desk.actor(account), case):
            same = "the same answer" if found.same_answer else f"now {found.now.outcome}"
            book = (
                "same rule book"
                if found.same_rulebook
                else f"rule book {found.then.rulebook}, now {found.now.rulebook}"
            )
            typer.echo(f"{found.then.on}: {found.then.outcome}; {same} ({book}).")
