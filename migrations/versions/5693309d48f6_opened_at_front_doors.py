"""What a front door was told and merely opened was not confirmed either

Revision ID: 5693309d48f6
Revises: ba465f90a69d
"""

from alembic import op

revision = "5693309d48f6"
down_revision = "ba465f90a69d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Opening a referral wrote its receipt in the same moment."""
    op.execute(
        "update disclosure d set was_opened = true from social_care_referral s"
        " where s.id = d.social_care_referral_id and s.opened_by = d.confirmed_by"
        " and s.opened_at between d.confirmed_at and d.confirmed_at + interval '1 second'"
    )


def downgrade() -> None:
    """What they have of it stands with the column."""
