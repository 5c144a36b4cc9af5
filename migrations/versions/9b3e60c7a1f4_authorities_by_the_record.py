"""Which authorities of a missing episode are of the child's record, and nobody said

Revision ID: 9b3e60c7a1f4
Revises: b25d80e6f1a9
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "9b3e60c7a1f4"
down_revision = "b25d80e6f1a9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """With a default in the database, which writes no row anew. Of what stands already it counts as said."""
    column = sa.Column("by_record", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    op.add_column("missing_episode", column)


def downgrade() -> None:
    """What the record gave stays."""
    op.drop_column("missing_episode", "by_record")
