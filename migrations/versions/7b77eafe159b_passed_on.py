"""What colleagues see to is found without looking at every form

Revision ID: 7b77eafe159b
Revises: c169d922f191
"""

import sqlalchemy as sa
from alembic import op

revision = "7b77eafe159b"
down_revision = "c169d922f191"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index of the few; the table is small where nobody has 100,000 forms waiting."""
    op.create_index(
        "ix_referral_notice_passed_on",
        "referral_notice",
        ["referral_id"],
        postgresql_where=sa.text("passed_on"),
    )


def downgrade() -> None:
    """As before."""
    op.drop_index("ix_referral_notice_passed_on", table_name="referral_notice")
