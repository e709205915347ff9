"""Accounts: organisations, roles, passwords under Argon2, tokens of which only a hash is kept, and a brake on guessing."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import BaseModel, ValidationError
from sqlalchemy import delete, func, insert, select

from orepass.errors import BadInput, NotAllowed, NotFound, NotPossible, OrepassError
from orepass.licences.case import Actor
from orepass.licences.types import iso
from orepass.store import tables
from orepass.store.database import written
from orepass.store.journal import sha256
from orepass.store.ledger import Books, Ledger
from orepass.store.records import ROLES, Account, Organisation, Token

M = TypeVar("M", bound=BaseModel)
PREFIX = "orp"
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256


class TooMany(OrepassError):
    """Too many tries; ``seconds`` until the next one counts."""

    def __init__(self, sentence: str, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(sentence)


class NotKnown(OrepassError):
    """Who asks did not say who it is, or not rightly."""


class Opened(NamedTuple):
    """A token as it is told once: its text, and what is kept of it."""

    text: str
    token: Token


def _bad_login() -> NotKnown:
    return NotKnown("Account and password do not agree, or the account is closed.")


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    """The hash of a password that nobody has: an unknown account costs as much time as a known one."""
    return _hasher().hash(secrets.token_urlsafe())


def operator() -> Actor:
    """Whoever holds the database in hand, at the command line: for accounts, backups and demo data."""
    return Actor(account="operator", organisation="desk", roles=frozenset())


class Accounts:
    """Accounts of a desk.

    Parameters
    ----------
    ledger
        Where they are kept.
    attempts, minutes
        So many wrong passwords within so many minutes stop further tries.
    """

    def __init__(self, ledger: Ledger, attempts: int = 5, minutes: int = 15) -> None:
        self.ledger = ledger
        self._attempts = attempts
        self._span = timedelta(minutes=minutes)

    def add_organisation(self, code: str, name: str) -> Organisation:
        """Enter an organisation.

        Raises
        ------
        NotPossible
            When its code is taken.
        """

        def deed(books: Books) -> Organisation:
            if books.get(Organisation, code) is not None:
                raise NotPossible(f"There is an organisation {code!r} already.")
            made = _valid(Organisation, {"id": code, "name": name, "made_at": books.at})
            books.put(made)
            books.enter(operator(), "organisation.add", made.id, {"name": name})
            return made

        return self.ledger.write(deed)

    def add(self, name: str, organisation: str, roles: list[str], password: str | None) -> Account:
        """Enter an account; without a password it can be used by tokens and by OpenID Connect alone.

        Raises
        ------
        BadInput
            For a name, role or password that cannot be.
        NotPossible, NotFound
            When the name is taken, or the organisation unknown.
        """
        hashed = hash_password(password) if password is not None else ""
        unknown = [role for role in roles if role not in ROLES]
        if unknown or not roles:
            raise BadInput(
                f"{unknown[0]!r} is no role" if unknown else "no role is named",
                where="roles",
                expected=", ".join(ROLES),
            )

        def deed(books: Books) -> Account:
            if books.get(Account, name) is not None:
                raise NotPossible(f"There is an account {name!r} already.")
            if books.get(Organisation, organisation) is None:
                raise NotFound(f"There is no organisation {organisation!r}; enter it first: orepass desk organisation.")
            made = _valid(
                Account,
                {
                    "id": name,
                    "organisation": organisation,
                    "roles": roles,
                    "password": hashed,
                    "made_at": books.at,
                },
            )
            books.put(made)
            books.enter(operator(), "account.add", made.id, {"roles": roles, "organisation": organisation})
            return made

        return self.ledger.write(deed)

    def close(self, name: str) -> Account:
        """Close an account: neither its password nor its tokens open anything any more."""

        def deed(books: Books) -> Account:
            account = books.get(Account, name)
            if account is None:
                raise NotFound(f"There is no account {name!r}.")
            closed = account.model_copy(update={"disabled": True})
            books.put(closed)
            books.enter(operator(), "account.close", name, {})
            return closed

        return self.ledger.write(deed)

    def set_password(self, name: str, password: str) -> None:
        """Give an account another password; its tokens are revoked."""
        hashed = hash_password(password)

        def deed(books: Books) -> None:
            account = books.get(Account, name)
            if account is None:
                raise NotFound(f"There is no account {name!r}.")
            books.put(account.model_copy(update={"password": hashed}))
            for token in books.of_organisation(Token, account.organisation):
                if token.account == name and token.revoked_at is None:
                    books.put(token.model_copy(update={"revoked_at": books.at}))
            books.enter(operator(), "account.password", name, {})

        self.ledger.write(deed)

    def actor(self, name: str) -> Actor:
        """An account as it acts.

        Raises
        ------
        NotFound
            When there is none of that name that is open.
        """
        account = self.ledger.read(lambda books: books.get(Account, name))
        if account is None or account.disabled:
            raise NotFound(f"There is no open account {name!r}.")
        return _acting(account)

    def log_in(self, name: str, password: str, address: str, hours: int) -> Opened:
        """A token for an account and its password.

        Raises
        ------
        NotKnown
            When they do not agree.
        TooMany
            After too many wrong passwords for the account, or from the address.
        """
        self._brake(name, address)
        account = self.ledger.read(lambda books: books.get(Account, name))
        kept = account.password if account and account.password else _nobody()
        if not _agrees(kept, password) or account is None or account.disabled or not account.password:
            raise _bad_login()
        self._forget(name, address)
        return self.token(_acting(account), "login", hours)

    def token(self, actor: Actor, note: str, hours: int) -> Opened:
        """A new token of an account."""
        secret = secrets.token_urlsafe(32)

        def deed(books: Books) -> Opened:
            token = Token(
                id=f"T{books.next_seq:06}",
                organisation=actor.organisation,
                account=actor.account,
                secret=sha256(secret),
                note=note,
                made_at=books.at,
                expires_at=books.at + timedelta(hours=hours),
            )
            books.put(token)
            books.enter(actor, "token.open", token.id, {"note": note})
            return Opened(f"{PREFIX}_{token.id}_{secret}", token)

        return self.ledger.write(deed)

    def revoke(self, actor: Actor, token_id: str) -> None:
        """Revoke a token of one's own.

        Raises
        ------
        NotFound
            When the account has none of that number.
        """

        def deed(books: Books) -> None:
            token = books.get(Token, token_id)
            if token is None or token.account != actor.account:
                raise NotFound(f"There is no token {token_id!r} of yours.")
            if token.revoked_at is None:
                books.put(token.model_copy(update={"revoked_at": books.at}))
                books.enter(actor, "token.revoke", token.id, {})

        self.ledger.write(deed)

    def tokens(self, actor: Actor) -> list[Token]:
        """The tokens of an account."""
        mine = self.ledger.read(lambda books: books.of_organisation(Token, actor.organisation))
        return [token for token in mine if token.account == actor.account]

    def of_token(self, text: str) -> tuple[Actor, Token]:
        """Who shows a token.

        Raises
        ------
        NotKnown
            When it is no token, or one that has run out or was revoked, or of an account that is closed.
        """
        prefix, _, rest = text.partition("_")
        token_id, _, secret = rest.partition("_")
        refusal = NotKnown("The token is not valid: it is unknown, has run out or was revoked.")
        if prefix != PREFIX or not secret or len(text) > 200 or not token_id.isalnum() or not token_id.isascii():
            raise refusal

        def look(books: Books) -> tuple[Token | None, Account | None]:
            token = books.get(Token, token_id)
            return token, books.get(Account, token.account) if token else None

        token, account = self.ledger.read(look)
        if token is None or not hmac.compare_digest(token.secret, sha256(secret)):
            raise refusal
        if token.revoked_at is not None or token.expires_at <= self.ledger.now():
            raise refusal
        if account is None or account.disabled:
            raise refusal
        return _acting(account), token

    # the brake

    def _brake(self, name: str, address: str) -> None:
        """Count a try before it is made, so that many at once are counted too; a right password takes it back."""
        now = self.ledger.now()
        since = iso(now - self._span)
        table = tables.attempts
        with written(self.ledger.engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("LOCK TABLE attempts IN EXCLUSIVE MODE")
            connection.execute(delete(table).where(table.c.at <= since))
            for who in _watched(name, address):
                counted, first = connection.execute(
                    select(func.count(), func.min(table.c.at)).where(table.c.who == who)
                ).one()
                most = self._attempts if who.startswith("account:") else self._attempts * 4
                if counted >= most:
                    again = datetime.fromisoformat(first) + self._span - now
                    seconds = max(1, int(again.total_seconds()) + 1)
                    raise TooMany(f"Too many wrong passwords; try again in {seconds} seconds.", seconds)
            connection.execute(insert(table), [{"who": who, "at": iso(now)} for who in _watched(name, address)])

    def _forget(self, name: str, address: str) -> None:
        table = tables.attempts
        account, place = _watched(name, address)
        with written(self.ledger.engine) as connection:
            connection.execute(delete(table).where(table.c.who == account))
            newest = select(func.max(table.c.id)).where(table.c.who == place).scalar_subquery()
            connection.execute(delete(table).where(table.c.id == newest))


def _watched(name: str, address: str) -> tuple[str, str]:
    return f"account:{name[:100]}", f"address:{address[:100]}"


def _acting(account: Account) -> Actor:
    return Actor(account=account.id, organisation=account.organisation, roles=frozenset(account.roles))


def hash_password(password: str) -> str:
    """A password under Argon2.

    Raises
    ------
    BadInput
        When it is too short or too long.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadInput(
            f"the password has {len(password)} characters",
            where="password",
            expected=f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD}",
        )
    return _hasher().hash(password)


def _agrees(kept: str, password: str) -> bool:
    try:
        return len(password) <= LONGEST_PASSWORD and _hasher().verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def _valid(type_: type[M], document: dict[str, object]) -> M:
    try:
        return type_.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(str(first["msg"]), where=f"field {'.'.join(map(str, first['loc']))}") from None


__all__ = ["Accounts", "NotAllowed", "NotKnown", "TooMany", "operator"]
