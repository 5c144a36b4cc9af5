"""Copies of minutes on the sharing ledger, and the version that was handed out

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("minutes_copy", sa.Column("disclosure_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_minutes_copy_disclosure_id"), "minutes_copy", "disclosure", ["disclosure_id"], ["id"]
    )
    op.add_column("meeting_handout", sa.Column("issue_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_meeting_handout_issue_id"), "meeting_handout", "minutes_issue", ["issue_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_column("meeting_handout", "issue_id")
    op.drop_column("minutes_copy", "disclosure_id")
