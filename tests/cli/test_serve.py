"""``orepass serve``: the real program on loopback."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Program


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a demo desk, and what the program printed."""
    folder = tmp_path_factory.mktemp("served")
    port = free_port()
    out = (folder / "out.txt").open("w+b")
    words = [sys.executable, "-m", "orepass.cli.main", "serve", "--demo", "--port", str(port)]
    environment = {**os.environ, "OREPASS_DATA": str(folder), "TMPDIR": str(folder)}
    with subprocess.Popen(words, stdout=out, stderr=subprocess.STDOUT, env=environment) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            yield address, _printed(process, address, Path(out.name))
        finally:
            process.terminate()
            process.wait(timeout=30)


def _printed(process: subprocess.Popen[bytes], address: str, out: Path) -> str:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        assert process.poll() is None, out.read_text()
        try:
            with urllib.request.urlopen(f"{address}/api/health", timeout=5):
                return out.read_text()
        except OSError:
            time.sleep(0.2)
    raise AssertionError(out.read_text())


def call(address: str, path: str, document: dict[str, Any] | None = None, token: str = "") -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if document is None else json.dumps(document).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{address}{path}", data, headers), timeout=30) as answer:
        return json.load(answer)


def test_the_demo_desk_tells_its_accounts_and_lets_them_in(served: tuple[str, str]) -> None:
    address, printed = served
    passwords = dict(re.findall(r"^  (\S+)\s+(\S+)$", printed, re.MULTILINE))
    assert passwords.keys() == {"exporter", "other-exporter", "officer", "countersigner", "customs", "auditor"}
    token = call(address, "/api/sessions", {"account": "officer", "password": passwords["officer"]})["token"]
    cases = call(address, "/api/cases", token=token)["cases"]
    assert {case["case"]["state"] for case in cases} == {"granted", "accepted", "submitted"}
    auditor = call(address, "/api/sessions", {"account": "auditor", "password": passwords["auditor"]})["token"]
    assert call(address, "/api/journal/verify", {}, auditor)["holds"]
    customs = call(address, "/api/sessions", {"account": "customs", "password": passwords["customs"]})["token"]
    states = [found["state"] for found in call(address, "/api/declarations", token=customs)]
    assert states == ["released", "refused", "released", "refused", "refused"]


def test_a_port_that_is_taken_is_told_in_one_sentence(
    orepass: Program, served: tuple[str, str], tmp_path: Path
) -> None:
    port = served[0].rpartition(":")[2]
    done = orepass("serve", "--port", port, "--database", str(tmp_path / "other.db"))
    assert done.returncode == 2
    assert f"port {port} of 127.0.0.1 is taken" in done.stderr
