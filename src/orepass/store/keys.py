"""The key that signs the head of the journal: Ed25519, in a file that only its owner reads."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from orepass.errors import BadInput


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The key of a file, which is made with mode 0600 when there is none.

    Raises
    ------
    BadInput
        When the file is no key, can be read by others, or cannot be made.
    """
    if not path.exists():
        _make(path)
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"the key cannot be read ({error.strerror})", where=str(path), expected="a file that you may read"
        ) from None
    if os.name == "posix" and mode & 0o077:
        raise BadInput(
            "the signing key can be read by others",
            where=str(path),
            expected="mode 0600",
            remedy=f"run: chmod 600 {path}",
        )
    try:
        key = load_pem_private_key(content, None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput("the file is no signing key", where=str(path), expected="an Ed25519 private key in PEM")
    return key


def _make(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(pem)
            handle.flush()
            os.fsync(handle.fileno())
        try:
            os.link(part, path)  # whoever comes second keeps the key of the first
        except FileExistsError:
            pass
        finally:
            part.unlink()
    except OSError as error:
        raise BadInput(
            f"the signing key cannot be made ({error.strerror})",
            where=str(path),
            expected="a folder that you may write to",
            remedy="name another file in OREPASS_KEY_FILE",
        ) from None


def public_of(key: Ed25519PrivateKey) -> str:
    """The public half, as hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def is_signed(public_key: str, signature: str, content: bytes) -> bool:
    """Whether a signature is that of the key over the content."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), content)
    except (ValueError, InvalidSignature):
        return False
    return True
