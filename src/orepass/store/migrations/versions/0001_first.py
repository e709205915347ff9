"""The first schema: journal, head, papers, and records with their states.

Revision ID: 0001
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _record(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("organisation", sa.String(64), nullable=False),
        *columns,
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index(f"ix_{name}_organisation", name, ["organisation"])


def _state() -> sa.Column[Any]:
    return sa.Column("state", sa.String(16), nullable=False)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "journal",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("account", sa.String(300), nullable=False),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("act", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
        sa.Column("public_key", sa.String(64), nullable=False),
    )
    op.create_table(
        "papers",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("who", sa.String(300), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
    )
    op.create_index("attempts_who", "attempts", ["who", "at"])
    _record("cases", _state(), sa.Column("opened_at", sa.String(40), nullable=False))
    op.create_index("ix_cases_state", "cases", ["state"])
    _record("licences", _state())
    _record("declarations", _state())
    op.create_index("ix_declarations_state", "declarations", ["state"])
    _record("products", sa.Column("name", sa.String(300), nullable=False))
    _record("organisations", sa.Column("name", sa.String(300), nullable=False))
    _record("accounts", sa.Column("disabled", sa.Boolean, nullable=False))
    _record("checks", sa.Column("at", sa.String(40), nullable=False))
    _record("tokens")
    _record("messages")


def downgrade() -> None:
    """Drop them."""
    for name in (
        *("messages", "tokens", "checks", "accounts", "organisations", "products", "declarations", "licences", "cases"),
        *("attempts", "papers", "head", "journal"),
    ):
        op.drop_table(name)
