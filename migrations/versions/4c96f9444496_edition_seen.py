"""Which edition of the policy somebody was told of

Revision ID: 4c96f9444496
Revises: 55375ae5150f
"""

import sqlalchemy as sa
from alembic import op

revision = "4c96f9444496"
down_revision = "55375ae5150f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody was told of the one that holds now: they are, when they look next."""
    op.add_column("person_setting", sa.Column("edition_seen", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("person_setting", "edition_seen")
