"""Which heading of the policy one of an agenda began as

Revision ID: 5f0c83b1d947
Revises: a64b7b0795bf
"""

import sqlalchemy as sa
from alembic import op

revision = "5f0c83b1d947"
down_revision = "a64b7b0795bf"
branch_labels = None
depends_on = None

#: Those that must be answered, as the policy called them until now.
_CALLED = {
    "level": "Level of risk",
    "plan": "Plan and safety plan",
    "next": "Who does what, and the next date",
}


def upgrade() -> None:
    """Headings that nobody put in other words are known again by their words."""
    op.add_column("agenda_item", sa.Column("code", sa.Text(), nullable=True))
    known = sa.text("update agenda_item set code = :code where heading = :heading")
    for code, heading in _CALLED.items():
        op.get_bind().execute(known, {"code": code, "heading": heading})


def downgrade() -> None:
    op.drop_column("agenda_item", "code")
