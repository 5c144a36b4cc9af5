"""A step of a process of another service says what was decided, such as on reasonable grounds

Revision ID: 7dd35840e919
Revises: 87a9b3a5c696
"""

import sqlalchemy as sa
from alembic import op

revision = "7dd35840e919"
down_revision = "87a9b3a5c696"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what was recorded before only its words say it."""
    op.add_column("linked_step", sa.Column("answer", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("linked_step", "answer")
