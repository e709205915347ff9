"""The page of Check in a real browser: first contentful paint and bytes, beside the same page as a static file of the same server.

The static file is the very answer of the page, kept and sent by a route that does nothing else: the difference is what making it costs.
Each load is in a new browser context, with nothing cached; rounds alternate. Then requests a second of both.

    python bench/page.py [--rounds 15]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
PAGES = {
    "the form": "/check",
    "an answer": "/check?description=antimony+ingot+99.65%25&to=US&on=2025-01-20",
    "the list": "/law",
}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
GOAL_SECONDS, GOAL_BYTES = 0.5, 150_000
_MEASURE = """() => {
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
  return [paint ? paint.startTime : -1, all.reduce((sum, one) => sum + one.transferSize, 0), all.length];
}"""


def serve(port: int) -> None:
    """The application, and copies of its pages as static files."""
    import uvicorn
    from fastapi.responses import FileResponse
    from fastapi.testclient import TestClient

    from orepass.desk.settings import Settings
    from orepass.web.app import create_app

    folder = Path(tempfile.mkdtemp(prefix="orepass-page-"))
    settings = Settings(
        database=f"sqlite:///{folder / 'desk.db'}", key_file=folder / "key", open_check=True, rate_per_minute=0
    )
    app = create_app(settings)
    client = TestClient(app)
    for place, path in enumerate(PAGES.values()):
        (folder / f"{place}.html").write_text(client.get(path).text, encoding="utf-8")

    async def copy(place: int) -> Any:
        return FileResponse(folder / f"{place}.html", media_type="text/html", headers={"Cache-Control": "no-store"})

    app.add_api_route("/copy/{place}", copy, methods=["GET"])
    uvicorn.run(app, host=HOST, port=port, access_log=False, log_level="critical")


def painted(rounds: int, address: str) -> dict[str, list[tuple[float, int, int]]]:
    """Loads of each page and its copy."""
    from playwright.sync_api import sync_playwright

    found: dict[str, list[tuple[float, int, int]]] = {}
    chromium = shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=FLAGS)
        for round_ in range(rounds + 1):
            for place, (name, path) in enumerate(PAGES.items()):
                for kind, where in (("page", path), ("static", f"/copy/{place}")):
                    context = browser.new_context()
                    page = context.new_page()
                    page.goto(f"{address}{where}")
                    while (measured := page.evaluate(_MEASURE))[0] < 0:
                        time.sleep(0.02)
                    if round_:
                        found.setdefault(f"{name}, {kind}", []).append(tuple(measured))
                    context.close()
        browser.close()
    return found


async def rate(port: int, path: str, seconds: float) -> float:
    """Requests a second over six kept connections."""
    end = time.perf_counter() + seconds
    request = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()

    async def client() -> int:
        reader, writer = await asyncio.open_connection(HOST, port)
        done = 0
        while time.perf_counter() < end:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            size = next(
                int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
            )
            await reader.readexactly(size)
            done += 1
        writer.close()
        return done

    begun = time.perf_counter()
    return sum(await asyncio.gather(*(client() for _ in range(6)))) / (time.perf_counter() - begun)


def main() -> int:
    wishes = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    wishes.add_argument("--rounds", type=int, default=15)
    wishes.add_argument("--serve", type=int, default=0, help=argparse.SUPPRESS)
    asked = wishes.parse_args()
    if asked.serve:
        serve(asked.serve)
        return 0
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = int(free.getsockname()[1])
    data = tempfile.mkdtemp(prefix="orepass-page-data-")
    environment = {**os.environ, "OREPASS_DATA": data}
    command = [sys.executable, __file__, "--serve", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            for _ in range(600):
                with socket.socket() as asking:
                    if not asking.connect_ex((HOST, port)):
                        break
                time.sleep(0.1)
            found = painted(asked.rounds, f"http://{HOST}:{port}")
            good = True
            print(
                f"first contentful paint over {asked.rounds} cold loads; bytes transferred with sheet, script and icon"
            )
            for name in PAGES:
                ours, copy = found[f"{name}, page"], found[f"{name}, static"]
                paint, plain = (statistics.median(load[0] for load in loads) for loads in (ours, copy))
                worst, size = max(load[0] for load in ours), max(load[1] for load in ours)
                good &= name == "the list" or (paint < GOAL_SECONDS * 1000 and size < GOAL_BYTES)
                print(
                    f"  {name:<10} {paint:6.0f} ms (worst {worst:.0f}), static {plain:6.0f} ms: {paint / plain:.2f} x; "
                    f"{size / 1000:.0f} kB in {ours[0][2]} requests"
                )
            print("requests a second, six connections")
            for place, (name, path) in enumerate(PAGES.items()):
                pairs = [
                    (asyncio.run(rate(port, path, 1.0)), asyncio.run(rate(port, f"/copy/{place}", 1.0)))
                    for _ in range(3)
                ]
                ours, copy = (statistics.median(one) for one in zip(*pairs, strict=True))
                print(f"  {name:<10} {ours:6.0f}, static {copy:6.0f}: {ours / copy:.2f} of it")
            print("goal met" if good else f"goal missed: {GOAL_SECONDS} s and {GOAL_BYTES / 1000:.0f} kB")
            return 0 if good else 1
        finally:
            server.terminate()


if __name__ == "__main__":
    raise SystemExit(main())
