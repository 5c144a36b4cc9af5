"""Whether whoever wrote what came of the talk with the police was asked about what must not be disclosed

Revision ID: 2d8f41c6b7e0
Revises: 663371fe3065
"""

import sqlalchemy as sa
from alembic import op

revision = "2d8f41c6b7e0"
down_revision = "663371fe3065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what was written before nobody was asked: what gives something away is held back from then on."""
    op.add_column(
        "prevention_talk", sa.Column("asked", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("prevention_talk", "asked")
