"""What a front door was sent, by its agency and the time

Revision ID: a0c64be5d917
Revises: 4199a5378bf1
"""

from alembic import op

revision = "a0c64be5d917"
down_revision = "4199a5378bf1"
branch_labels = None
depends_on = None

CONCURRENTLY = {
    "ix_disclosure_front_door": (
        "disclosure (receiver_agency_id, decided_at, id) "
        "where social_care_referral_id is not null and withdrawn_at is null"
    ),
}


def upgrade() -> None:
    """The index alone, which is built beside whoever writes."""


def downgrade() -> None:
    """Found by walking through all that anybody was told."""
    op.execute("drop index if exists ix_disclosure_front_door")
