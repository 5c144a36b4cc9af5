"""Why what came of a completed return interview was put right

Revision ID: a4d302cf2b97
Revises: 7b77eafe159b
"""

import sqlalchemy as sa
from alembic import op

revision = "a4d302cf2b97"
down_revision = "7b77eafe159b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was put right yet."""
    op.add_column(
        "return_interview", sa.Column("corrected_because", sa.Text(), nullable=False, server_default="")
    )


def downgrade() -> None:
    """The reasons are lost; how it was stays in the history."""
    op.drop_column("return_interview", "corrected_because")
