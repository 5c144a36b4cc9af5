"""What comes of an information form says whose words it is

Revision ID: f04b7a6d21c9
Revises: 816ad23435a4
"""

import sqlalchemy as sa
from alembic import op

revision = "f04b7a6d21c9"
down_revision = "816ad23435a4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("chronology_entry", sa.Column("sender", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("chronology_entry", "sender")
