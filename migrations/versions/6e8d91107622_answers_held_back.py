"""Whether an answer says where the child lives, how they are reached or their school

Revision ID: 6e8d91107622
Revises: db7976a5a0e7
"""

import sqlalchemy as sa
from alembic import op

revision = "6e8d91107622"
down_revision = "db7976a5a0e7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of answers that were given already nobody has said so; nothing held says nothing."""
    op.add_column("information_answer", sa.Column("locates", sa.Text(), nullable=True))
    op.create_check_constraint(
        "held_for_named_agencies", "information_answer", "locates <> 'held' or handling <> 'network'"
    )


def downgrade() -> None:
    """Answers that were held back are printed again: take them back first where that must not be."""
    op.drop_constraint("held_for_named_agencies", "information_answer", type_="check")
    op.drop_column("information_answer", "locates")
