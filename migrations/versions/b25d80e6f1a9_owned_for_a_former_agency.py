"""For which agency somebody owns a duty who has moved to another

Revision ID: b25d80e6f1a9
Revises: 4e7a91c3d85b
"""

import sqlalchemy as sa
from alembic import op

revision = "b25d80e6f1a9"
down_revision = "4e7a91c3d85b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Empty: nobody has moved since. A trigger writes it, so that nothing of the table is looked through."""
    op.add_column("deadline", sa.Column("owned_for_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("deadline", "owned_for_id")
