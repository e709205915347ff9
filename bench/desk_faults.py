"""Faults under load: the server killed, PostgreSQL restarted, the disk full, the clock moved, two servers on one licence.

Clients are customs systems as they should be: a message is sent again with the same id until it is answered. After each trial the store is
checked: the journal verifies, every answered message is stored with that very reply, each declaration is there once, and licences have
drawn exactly what was released. Each trial prints what was sent, answered and found, and ``ok`` or ``FAIL``; with a FAIL the status is 1.

    python bench/desk_faults.py [--only kill,clock,two,lost,postgres,disk]
"""

# pyright: reportAttributeAccessIssue=false
# (there is a folder desk among the tests too)

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from desk import (
    CLIENTS,
    Line,
    Lost,
    Postgres,
    Server,
    Tokens,
    balance,
    fill_accounts,
    insert_of,
    opened,
    put_licences,
    temporary,
    transactions,
    wire,
)
from orepass.store import tables
from orepass.store.verifying import verify

DAY = 86_400
PAUSE = 0.1
"""Seconds until a message is sent again."""


class Trial:
    """Messages sent by clients until each is answered, and what came of them."""

    def __init__(self, name: str, servers: list[Server], tokens: Tokens, engine: Engine) -> None:
        self.name, self.servers, self.tokens, self.engine = name, servers, tokens, engine
        self.sent = 0
        self.answers: dict[str, dict[str, Any]] = {}
        self.statuses: Counter[int] = Counter()
        self.sentences: Counter[str] = Counter()
        self.lost = 0
        self.repeated = 0
        self.longest = 0.0
        self._last = time.monotonic()
        self.offset = 0
        """By how many seconds the clocks are wrong, the server's and the clients' alike."""
        self.wrong: list[str] = []
        self.notes: list[str] = []

    def message(self, number: str) -> dict[str, Any]:
        """The message that declares now, by the clock that client and server share."""
        at = datetime.now(UTC) + timedelta(seconds=self.offset - 5)
        return insert_of(number, declared_at=f"{at:%Y-%m-%dT%H:%M:%S}Z")

    async def client(self, server: Server, numbers: list[str], until: Callable[[], bool] = lambda: False) -> None:
        """Work off a shared list of numbers; a message goes on being sent until it is answered."""
        line: Line | None = None
        while numbers and not until():
            number = numbers.pop()
            message = self.message(number)
            request = wire("POST", "/api/clearance", self.tokens.customs, message)
            self.sent += 1
            tries = 0
            while True:
                try:
                    tries += 1
                    if line is None:
                        line = await Line.to(server.port)
                    status, body = await asyncio.wait_for(line.ask(request), 90)  # pyright: ignore[reportOptionalMemberAccess]
                except (Lost, OSError, TimeoutError):
                    self.lost += 1
                    line = None
                    await asyncio.sleep(PAUSE)
                    continue
                self.statuses[status] += 1
                told = json.loads(body)
                if status == 200:
                    self.longest = max(self.longest, time.monotonic() - self._last)
                    self._last = time.monotonic()
                    self.repeated += bool(told["repeated"])
                    self.answers[message["id"]] = told
                    break
                self.sentences[told["error"]] += 1
                if status == 422 and "lies in the future" in told["error"]:  # sent while the clock moved: declared anew
                    await asyncio.sleep(PAUSE)
                    message = self.message(number)
                    request = wire("POST", "/api/clearance", self.tokens.customs, message)
                    continue
                if status not in {500, 503}:
                    self.wrong.append(f"{number}: {status} {told['error']}")
                    break
                if until():
                    numbers.append(number)
                    self.sent -= 1
                    return
                await asyncio.sleep(PAUSE)

    async def all(self, numbers: list[str], clients: int, meanwhile: Awaitable[Any] | None = None) -> None:
        """Clients of every server work the numbers off, while something happens."""
        numbers = numbers[::-1]
        self._last = time.monotonic()
        tasks = [asyncio.create_task(self.client(server, numbers)) for server in self.servers for _ in range(clients)]
        if meanwhile is not None:
            await meanwhile
        await asyncio.gather(*tasks)

    def must(self, holds: bool, sentence: str) -> None:
        """Note what does not hold."""
        if not holds:
            self.wrong.append(sentence)

    def stored(self) -> int:
        """Messages in the store now."""
        with self.engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(tables.messages)).scalar() or 0)

    def check(self) -> None:
        """What the store has to show afterwards."""
        found = verify(self.engine)
        self.must(found.holds, f"verify: {'; '.join(found.faults[:3])}")
        with self.engine.connect() as connection:
            replies = {
                row[0].partition(":")[2]: json.loads(row[1])["reply"]
                for row in connection.execute(select(tables.messages.c.id, tables.messages.c.document))
            }
            declared = Counter(row[0] for row in connection.execute(select(tables.declarations.c.id)))
            entered = Counter(
                row[0]
                for row in connection.execute(
                    select(tables.journal.c.subject).where(tables.journal.c.act == "gate.insert")
                )
            )
        for number, told in self.answers.items():
            kept = replies.get(number)
            self.must(kept is not None, f"{number}: answered, and not stored")
            self.must(
                kept is None or {**kept, "repeated": None} == {**told, "repeated": None},
                f"{number}: the reply stored is not the one told",
            )
            self.must(entered[number[2:]] == 1 and declared[number[2:]] == 1, f"{number}: {entered[number[2:]]} times")
        self.must(set(declared) == set(entered) and len(replies) == len(declared), "declarations and entries differ")
        self.wrong += balance(self.engine)
        self.must(not self.statuses[500], f"{self.statuses[500]} answers 500")
        faults = Counter(line[:160] for server in self.servers for line in server.faults() if '"fault"' in line)
        states = Counter(answer["state"] for answer in self.answers.values())
        print(f"\n{self.name}")
        print(
            f"  sent {self.sent:,}, answered {len(self.answers):,} ({dict(states)}); other answers "
            f"{ {key: n for key, n in self.statuses.items() if key != 200} or 'none' }; {self.lost} connections lost, "
            f"{self.repeated} answered as repeated; longest pause {self.longest:.1f} s"
        )
        for sentence, count in self.sentences.most_common(4):
            print(f"  told {count} times: {sentence}")
        for note in self.notes:
            print(f"  {note}")
        print(
            f"  found {len(declared):,} declarations, {len(replies):,} replies; journal of {found.entries:,} entries "
            f"{'verifies' if found.holds else 'DOES NOT VERIFY'}; {'licences balance' if not balance(self.engine) else 'OUT OF BALANCE'}"
        )
        for fault in [*self.wrong[:6], *(f"logged {n} times: {line}" for line, n in faults.most_common(3))]:
            print(f"  ! {fault}")
        print("  FAIL" if self.wrong else "  ok", flush=True)


def numbered(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number:05}" for number in range(count)]


def desk(url: str, folder: Path, kilograms: int = 10_000_000) -> tuple[Engine, Tokens]:
    """A database with accounts and one licence."""
    engine, ledger = opened(url, folder)
    tokens = fill_accounts(ledger)
    put_licences(ledger, [("G-ONE", "FIRM-001", kilograms)])
    ledger.close()
    return engine, tokens


async def ask(server: Server, request: bytes) -> tuple[int, dict[str, Any], float]:
    """Status, body and seconds of one request on a connection of its own."""
    begun = time.monotonic()
    try:
        line = await Line.to(server.port)
        status, body = await asyncio.wait_for(line.ask(request), 60)
        line.close()
    except (Lost, OSError, TimeoutError) as error:
        return 0, {"error": type(error).__name__}, time.monotonic() - begun
    return status, json.loads(body), time.monotonic() - begun


# the trials


def killed(url: str, folder: Path, kills: int = 5, messages: int = 1_000) -> Trial:
    """The server ended by SIGKILL, again and again: at any moment, and between a commit and its answers."""
    engine, tokens = desk(url, folder)
    server = Server(url, folder)
    server.start()
    trial = Trial(f"server killed {kills} times, {engine.dialect.name}", [server], tokens, engine)
    draw = random.Random(3)

    async def kill() -> None:
        for turn in range(kills):
            after_commit = turn % 2 == 1  # started so that it kills itself
            least = messages * (turn + draw.uniform(0.2, 0.8)) / (kills + 1)
            while not server.died() and (after_commit or len(trial.answers) < least):
                await asyncio.sleep(0.003)
            if not after_commit:
                await asyncio.sleep(draw.uniform(0, 0.08))
                server.kill()
            await asyncio.sleep(0.05)
            stored, answered = await asyncio.to_thread(trial.stored), len(trial.answers)
            when = "killed after a commit" if after_commit else "killed at any moment"
            trial.notes.append(f"{when}: {answered} were answered, {stored - answered} more committed")
            more = {"DESK_BENCH_DIE": str(draw.randrange(4, 12))} if turn % 2 == 0 and turn + 1 < kills else {}
            await asyncio.to_thread(lambda more=more: server.start(**more))

    try:
        asyncio.run(trial.all(numbered("A", messages), 20, kill()))
        trial.check()
    finally:
        server.stop()
        engine.dispose()
    return trial


def answers_lost(url: str, folder: Path, kept: int = 60) -> Trial:
    """The database commits, and the connection is lost before it says so: one of five times."""
    engine, tokens = desk(url, folder)
    server = Server(url, folder, DESK_BENCH_LOSE="5")
    server.start()
    trial = Trial("answers of the database lost, postgresql", [server], tokens, engine)

    async def keep_checks() -> None:
        for asked in transactions(kept):
            status, body, _ = await ask(server, wire("POST", "/api/checks", tokens.exporter, asked))
            trial.must(status == 201, f"a check to be kept: {status} {body.get('error')}")

    try:
        asyncio.run(trial.all(numbered("G", 300), 5, keep_checks()))
        with engine.connect() as connection:
            found = int(connection.execute(select(func.count()).select_from(tables.checks)).scalar() or 0)
        trial.must(found == kept, f"{found} checks are kept of {kept} sent once")
        trial.notes.append(f"{kept} checks sent once, without an id of their own: {found} kept")
        trial.check()
    finally:
        server.stop()
        engine.dispose()
    return trial


def restarted(postgres: Postgres, folder: Path, down: float = 14.0) -> Trial:
    """PostgreSQL restarted, killed, and gone for longer than the desk waits."""
    url = postgres.database("restarted")
    engine, tokens = desk(url, folder)
    server = Server(url, folder)
    server.start()
    trial = Trial("PostgreSQL restarted under load", [server], tokens, engine)
    ended = False
    numbers = numbered("B", 100_000)

    async def answers_again() -> float:
        begun, before = time.monotonic(), len(trial.answers)
        while len(trial.answers) == before and time.monotonic() - begun < 60:
            await asyncio.sleep(0.01)
        return time.monotonic() - begun

    async def happen() -> None:
        nonlocal ended
        for title, act in (
            ("pg_ctl restart -m immediate", lambda: postgres.restart("immediate")),
            ("pg_ctl restart -m fast", lambda: postgres.restart("fast")),
            ("postmaster killed and started", lambda: (postgres.kill(), postgres.begin())),
        ):
            await asyncio.sleep(1.5)
            before, begun = trial.statuses[503], time.monotonic()
            await asyncio.to_thread(act)
            back = time.monotonic() - begun
            again = await answers_again()
            trial.notes.append(
                f"{title}: away {back:.1f} s, answers {again:.2f} s after; {trial.statuses[503] - before} answers 503"
            )
        await asyncio.sleep(1)
        before = trial.statuses[503]
        await asyncio.to_thread(postgres.stop, "immediate")
        begun = time.monotonic()
        await asyncio.sleep(6)  # the token is no longer remembered
        for title, request in (
            ("health", wire("GET", "/api/health")),
            ("check", wire("POST", "/api/check", tokens.exporter, transactions(1)[0])),
            ("a case", wire("GET", "/api/cases/C000001", tokens.exporter)),
            ("log in", wire("POST", "/api/sessions", None, {"account": "exporter", "password": "not the password"})),
        ):
            status, body, took = await ask(server, request)
            trial.must(status == 503, f"{title} without a database: {status} {body.get('error')}, not 503")
            trial.notes.append(f"without a database, {title}: {status} after {took:.1f} s, {body.get('error', '')}")
        await asyncio.sleep(max(0, down - (time.monotonic() - begun)))
        away = time.monotonic() - begun
        await asyncio.to_thread(postgres.begin)
        again = await answers_again()
        trial.notes.append(
            f"stopped for {away:.0f} s: {trial.statuses[503] - before} answers 503, answers {again:.2f} s after the start"
        )
        await asyncio.sleep(1)
        ended = True

    async def all_of_it() -> None:
        tasks = [asyncio.create_task(trial.client(server, numbers, lambda: ended)) for _ in range(20)]
        numbers.reverse()
        await happen()
        await asyncio.gather(*tasks)

    try:
        asyncio.run(all_of_it())
        trial.check()
    finally:
        server.stop()
        engine.dispose()
    return trial


def full_disk(folder: Path) -> Trial:
    """An SQLite file on a disk that is full, then has room again."""
    disk = folder / "disk"
    disk.mkdir()
    mounted = not subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "orepass-bench", str(disk)], check=False, capture_output=True
    ).returncode
    url = f"sqlite:///{disk / 'desk.db'}"
    try:
        engine, tokens = desk(url, folder)
        bound = {} if mounted else {"DESK_BENCH_FILE_BYTES": "3000000"}
        server = Server(url, folder, **bound)
        server.start()
        trial = Trial(
            f"disk full, sqlite on {'a file system of 3 MB' if mounted else 'files of at most 3 MB'}",
            [server],
            tokens,
            engine,
        )
        full_at = 0
        ended = False

        async def happen() -> None:
            nonlocal full_at, ended
            while trial.statuses[503] + trial.statuses[500] < 20:
                await asyncio.sleep(0.02)
            full_at = len(trial.answers)
            for title, expected, request in (
                ("a licence is read", {200}, wire("GET", "/api/licences/G-ONE", tokens.customs)),
                ("check", {200}, wire("POST", "/api/check", tokens.exporter, transactions(1)[0])),
                (
                    "log in",
                    {401, 503},  # the last bytes of the disk may do for it
                    wire("POST", "/api/sessions", None, {"account": "exporter", "password": "not the password"}),
                ),
            ):
                status, body, _ = await ask(server, request)
                trial.must(status in expected, f"{title} on a full disk: {status} {body.get('error')}, not {expected}")
                trial.notes.append(f"full: {title}: {status} {body.get('error', '')}")
            if mounted:
                subprocess.run(["mount", "-o", "remount,size=256m", str(disk)], check=True)
            else:
                subprocess.run(["prlimit", "--pid", str(server.pid), "--fsize=unlimited"], check=True)
            begun = time.monotonic()
            while len(trial.answers) == full_at and time.monotonic() - begun < 30:
                await asyncio.sleep(0.01)
            again = time.monotonic() - begun
            trial.notes.append(f"full after {full_at} declarations; answers {again:.2f} s after there was room")
            while len(trial.answers) < full_at + 200:
                await asyncio.sleep(0.02)
            ended = True

        async def all_of_it() -> None:
            numbers = numbered("C", 100_000)[::-1]
            tasks = [asyncio.create_task(trial.client(server, numbers, lambda: ended)) for _ in range(10)]
            await happen()
            await asyncio.gather(*tasks)

        try:
            asyncio.run(all_of_it())
            trial.check()
        finally:
            server.stop()
            engine.dispose()
    finally:
        if mounted:
            for _ in range(20):
                if not subprocess.run(["umount", str(disk)], check=False, capture_output=True).returncode:
                    break
                time.sleep(0.2)
    return trial


def moved_clock(url: str, folder: Path) -> Trial:
    """The clock set back, forward and back again under load."""
    engine, tokens = desk(url, folder)
    file = folder / "clock"
    file.write_text("0")
    server = Server(url, folder, DESK_BENCH_CLOCK=str(file))
    server.start()
    trial = Trial(f"clock moved, {engine.dialect.name}", [server], tokens, engine)
    steps = ((0, "true"), (-DAY, "a day back"), (0, "true again"), (DAY, "a day forward"), (0, "back again"))

    async def happen() -> None:
        for place, (offset, title) in enumerate(steps):
            part = file.with_suffix(".part")
            part.write_text(str(offset))
            part.replace(file)
            trial.offset = offset
            await asyncio.sleep(0.5)
            ahead = datetime.now(UTC) + timedelta(seconds=offset, hours=2)
            future = insert_of(f"F{place}", declared_at=f"{ahead:%Y-%m-%dT%H:%M:%S}Z")
            status, body, _ = await ask(server, wire("POST", "/api/clearance", tokens.customs, future))
            if offset >= 0:
                # set back below the last entry, the ledger's time stands, and two hours ahead of the clock is the past
                trial.must(status == 422, f"{title}: a declaration two hours ahead was answered {status}")
            told = body.get("error") or body.get("state")
            trial.notes.append(f"{title}: a declaration two hours ahead of the clock: {status} {told}")
            begun = len(trial.answers)
            while len(trial.answers) < begun + 60 and len(trial.answers) < 390:
                await asyncio.sleep(0.01)

    try:
        asyncio.run(trial.all(numbered("D", 400), 10, happen()))
        with engine.connect() as connection:
            times = [row[0] for row in connection.execute(select(tables.journal.c.at).order_by(tables.journal.c.seq))]
        trial.must(times == sorted(times), "the times of entries go back")
        trial.notes.append(
            f"entries from {times[0][:19]} to {times[-1][:19]}, never going back: {times == sorted(times)}"
        )
        trial.check()
    finally:
        server.stop()
        engine.dispose()
    return trial


def two_servers(url: str, folder: Path, messages: int = 600) -> Trial:
    """Two servers, and one licence with room for half."""
    engine, tokens = desk(url, folder, kilograms=messages // 2 * 100)
    servers = [Server(url, folder), Server(url, folder)]
    trial = Trial(
        f"two servers, {CLIENTS // 2} clients each, room for half of {messages}, {engine.dialect.name}",
        servers,
        tokens,
        engine,
    )
    try:
        for server in servers:
            server.start()
        asyncio.run(trial.all(numbered("E", messages), CLIENTS // 2))
        states = Counter(answer["state"] for answer in trial.answers.values())
        trial.must(states["released"] == messages // 2, f"{states['released']} released of {messages // 2}")
        trial.check()
    finally:
        for server in servers:
            server.stop()
        engine.dispose()
    return trial


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="kill,clock,two,lost,postgres,disk", help="which trials")
    wanted = parser.parse_args().only.split(",")
    begun = time.monotonic()
    trials: list[Trial] = []
    with temporary() as folder:

        def place(name: str) -> Path:
            made = folder / name
            made.mkdir()
            return made

        postgres: Postgres | None = None
        try:
            if set(wanted) - {"disk"}:
                postgres = Postgres(folder / "postgres")
                both = [(lambda name: f"sqlite:///{folder / name}.db"), postgres.database]  # pyright: ignore[reportOptionalMemberAccess]
            else:
                both = []
            for number, url_of in enumerate(both):
                if "kill" in wanted:
                    trials.append(killed(url_of(f"kill{number}"), place(f"kill-{number}")))
                if "clock" in wanted:
                    trials.append(moved_clock(url_of(f"clock{number}"), place(f"clock-{number}")))
                if "two" in wanted:
                    trials.append(two_servers(url_of(f"two{number}"), place(f"two-{number}")))
            if "lost" in wanted and postgres:
                trials.append(answers_lost(postgres.database("lost"), place("lost")))
            if "postgres" in wanted and postgres:
                trials.append(restarted(postgres, place("restarted")))
            if "disk" in wanted:
                trials.append(full_disk(place("full")))
        finally:
            if postgres:
                postgres.close()
    failed = [trial.name for trial in trials if trial.wrong]
    print(
        f"\n{len(trials)} trials in {time.monotonic() - begun:.0f} s; {'FAIL: ' + '; '.join(failed) if failed else 'ok'}"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        raise SystemExit(main())
