"""The signing key: made once, read by its owner alone, the same for everybody who starts at once."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from orepass.errors import BadInput
from orepass.store.journal import signed_text
from orepass.store.keys import is_signed, public_of, signing_key

ON_POSIX = pytest.mark.skipif(os.name != "posix", reason="needs file modes")


def written(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


@ON_POSIX
def test_a_key_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "desk.key"
    before = os.umask(0)
    try:
        signing_key(path)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["desk.key"]


def test_the_key_of_a_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "desk.key"
    assert public_of(signing_key(path)) == public_of(signing_key(path))
    assert public_of(signing_key(path)) != public_of(signing_key(tmp_path / "other.key"))


@ON_POSIX
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o777])
def test_a_key_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "desk.key"
    signing_key(path)
    path.chmod(mode)
    with pytest.raises(BadInput, match=r"can be read by others.*chmod 600"):
        signing_key(path)
    path.chmod(0o600)
    signing_key(path)


def other_keys() -> dict[str, bytes]:
    own = Ed25519PrivateKey.generate()
    plain = (Encoding.PEM, PrivateFormat.PKCS8)
    return {
        "empty": b"",
        "words": b"this is no key\n",
        "bytes": bytes(range(256)),
        "another kind": generate_private_key(SECP256R1()).private_bytes(*plain, NoEncryption()),
        "public half": own.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "under a password": own.private_bytes(*plain, BestAvailableEncryption(b"secret")),
        "cut off": own.private_bytes(*plain, NoEncryption())[:60],
    }


@pytest.mark.parametrize("what", sorted(other_keys()))
def test_a_file_that_is_no_signing_key_is_refused_and_left_alone(tmp_path: Path, what: str) -> None:
    content = other_keys()[what]
    path = written(tmp_path / "desk.key", content)
    with pytest.raises(BadInput, match="no signing key"):
        signing_key(path)
    assert path.read_bytes() == content


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        signing_key(tmp_path)


def test_a_key_that_cannot_be_made_is_refused_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(BadInput, match="OREPASS_KEY_FILE"):
        signing_key(tmp_path / "file" / "desk.key")


def test_processes_that_make_the_key_at_once_get_the_same(tmp_path: Path) -> None:
    path = tmp_path / "desk.key"
    program = (
        "import sys, pathlib\n"
        "from orepass.store.keys import public_of, signing_key\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(public_of(signing_key(pathlib.Path(sys.argv[1]))))\n"
    )
    command = [sys.executable, "-c", program, str(path)]
    servers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for server in servers:
        assert server.stdout is not None and server.stdout.readline() == "ready\n"
    for server in servers:
        assert server.stdin is not None
        server.stdin.write("\n")
        server.stdin.flush()
    answers = {server.communicate(timeout=60)[0].strip() for server in servers}
    assert answers == {public_of(signing_key(path))}
    assert list(tmp_path.iterdir()) == [path]


def test_whoever_comes_second_keeps_the_key_of_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "desk.key"
    first = signing_key(path)
    seen = iter([False])
    monkeypatch.setattr(Path, "exists", lambda _: next(seen))
    assert public_of(signing_key(path)) == public_of(first)


def test_a_leftover_of_a_process_that_died_does_not_stand_in_the_way(tmp_path: Path) -> None:
    number = multiprocessing.current_process().pid
    written(tmp_path / f".desk.key.{number}", b"half a key")
    signing_key(tmp_path / "desk.key")


def test_a_signature_holds_for_its_key_and_its_content_alone() -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    content = signed_text(7, "2026-03-02T01:00:00.000000Z", "a" * 64)
    signature = key.sign(content).hex()
    assert is_signed(public_of(key), signature, content)
    assert not is_signed(public_of(other), signature, content)
    assert not is_signed(public_of(key), signature, signed_text(8, "2026-03-02T01:00:00.000000Z", "a" * 64))
    for broken in ("", "zz", signature[:-2], signature + "00"):
        assert not is_signed(public_of(key), broken, content)
    assert not is_signed("no key", signature, content)
