"""Which authority it is whose social care is not on the portal and could not be told

Revision ID: e03eb3e45ecd
Revises: 92670372e177
"""

import sqlalchemy as sa
from alembic import op

revision = "e03eb3e45ecd"
down_revision = "92670372e177"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what is on the list already nobody knows it."""
    op.add_column("untold", sa.Column("authority", sa.Text(), nullable=True))


def downgrade() -> None:
    """The list says the ground alone again."""
    op.drop_column("untold", "authority")
