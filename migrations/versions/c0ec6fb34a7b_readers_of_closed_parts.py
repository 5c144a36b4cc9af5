"""The closed parts of minutes for which somebody is named are found by who it is

Revision ID: c0ec6fb34a7b
Revises: 04c218f04c44
"""

from alembic import op

revision = "c0ec6fb34a7b"
down_revision = "04c218f04c44"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Few are named: the index is built at once."""
    op.create_index(op.f("ix_closed_reader_user_id"), "closed_reader", ["user_id"])


def downgrade() -> None:
    """Found by the part again."""
    op.drop_index(op.f("ix_closed_reader_user_id"), table_name="closed_reader")
