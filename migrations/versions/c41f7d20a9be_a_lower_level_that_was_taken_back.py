"""A lower level that was taken back, and not refused by a second person

Revision ID: c41f7d20a9be
Revises: 55055f0cccfb
"""

import sqlalchemy as sa
from alembic import op

revision = "c41f7d20a9be"
down_revision = "55055f0cccfb"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """With a default in the database: processes of the release before write rows without this column. Of what
    stands already it is known only where whoever recorded a level settled it themselves.
    """
    taken_back = sa.Column("taken_back", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    op.add_column("level_proposal", taken_back)
    op.execute("update level_proposal set taken_back = true where not accepted and settled_by = proposed_by")
    op.create_check_constraint(
        op.f("ck_level_proposal_taken_back_is_not_accepted"),
        "level_proposal",
        "not taken_back or accepted is false",
    )


def downgrade() -> None:
    op.drop_column("level_proposal", "taken_back")
