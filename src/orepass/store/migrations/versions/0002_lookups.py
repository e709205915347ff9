"""Columns by which queues are looked up, filled from the documents; jobs of screening; the history of a thing by an index.

Revision ID: 0002
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_CHINA = ZoneInfo("Asia/Shanghai")
_COLUMNS: dict[str, list[tuple[str, int, Callable[[dict[str, Any]], str]]]] = {
    "cases": [
        ("kind", 16, lambda it: it["application"]["kind"]),
        ("destination", 2, lambda it: it["application"]["to"] or ""),
        ("accepted_at", 40, lambda it: it["accepted_at"] or ""),
        ("about", 64, lambda it: it["application"]["licence"] or it["application"]["replaces"] or ""),
        ("codes", 0, lambda it: _codes(it["determined"])),
    ],
    "licences": [
        ("kind", 16, lambda it: it["kind"]),
        ("case_id", 64, lambda it: it["case"]),
        ("valid_to", 10, lambda it: it["valid_to"] or ""),
    ],
    "declarations": [("day", 10, lambda it: _day(it["declared"]["declared_at"]))],
    "tokens": [("account", 300, lambda it: it["account"]), ("expires_at", 40, lambda it: it["expires_at"])],
    "messages": [("subject", 64, lambda it: it["subject"])],
}
_INDEXES = [("cases", "ix_cases_about", ["about"]), ("journal", "journal_subject", ["subject", "seq"])]


def _codes(determined: list[dict[str, Any]]) -> str:
    codes = sorted({code for line in determined[-1]["lines"] for code in line["codes"]}) if determined else []
    return f";{';'.join(codes)};" if codes else ""


def _day(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(_CHINA).date().isoformat()


def upgrade() -> None:
    """Add the columns, and fill them."""
    connection = op.get_bind()
    for name, columns in _COLUMNS.items():
        for column, length, _ in columns:
            op.add_column(
                name, sa.Column(column, sa.String(length) if length else sa.Text, nullable=False, server_default="")
            )
        columns_of: list[Any] = [sa.column(column) for column, _, _ in columns]
        table = sa.table(name, sa.column("id"), sa.column("document"), *columns_of)
        rows = connection.execute(sa.select(table.c.id, table.c.document)).all()
        filled = [
            {"which": key, **{column: of(json.loads(document)) for column, _, of in columns}} for key, document in rows
        ]
        if filled:
            connection.execute(sa.update(table).where(table.c.id == sa.bindparam("which")), filled)
    for name, index, on in _INDEXES:
        op.create_index(index, name, on)
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("account", sa.String(300), nullable=False),
        sa.Column("made_at", sa.String(40), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_index("jobs_organisation", "jobs", ["organisation", "made_at"])


def downgrade() -> None:
    """Take them away; the documents hold what they said."""
    op.drop_table("jobs")
    for name, index, _ in _INDEXES:
        op.drop_index(index, table_name=name)
    for name, columns in _COLUMNS.items():
        for column, _, _ in columns:
            op.drop_column(name, column)
