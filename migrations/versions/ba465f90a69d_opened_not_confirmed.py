"""Whether somebody confirmed that they have what they were told, or merely opened what was given to them

Revision ID: ba465f90a69d
Revises: 6e8d91107622
"""

import sqlalchemy as sa
from alembic import op

revision = "ba465f90a69d"
down_revision = "6e8d91107622"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A line was opened where a copy of minutes or papers was at the very moment that it was confirmed."""
    op.add_column(
        "disclosure", sa.Column("was_opened", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    for copies in ("minutes_copy", "panel_share"):
        op.execute(
            f"update disclosure d set was_opened = true from {copies} c"  # noqa: S608 - of two tables
            " where c.disclosure_id = d.id and c.opened_at = d.confirmed_at and c.opened_by = d.confirmed_by"
        )


def downgrade() -> None:
    """Opened and confirmed are one again."""
    op.drop_column("disclosure", "was_opened")
