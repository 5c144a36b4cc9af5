"""Views of lists: one of those that somebody saved may be the one that the list begins with

Revision ID: 440331c153e0
Revises: 3e91c07ad5b8
"""

import sqlalchemy as sa
from alembic import op

revision = "440331c153e0"
down_revision = "3e91c07ad5b8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """None of those that are saved is: whoever saved it did not say so."""
    op.add_column(
        "saved_filter", sa.Column("is_default", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    """Every list begins with everything."""
    op.drop_column("saved_filter", "is_default")
