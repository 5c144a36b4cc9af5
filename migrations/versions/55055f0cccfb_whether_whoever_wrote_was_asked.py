"""Whether whoever wrote on a missing episode was asked about what must not be disclosed

Revision ID: 55055f0cccfb
Revises: 7422ba8ff1ab
"""

import sqlalchemy as sa
from alembic import op

revision = "55055f0cccfb"
down_revision = "7422ba8ff1ab"
branch_labels = None
depends_on = None

TABLES = ("missing_episode", "missing_enquiry", "missing_change")


def upgrade() -> None:
    """With a default in the database: processes of the release before write rows without this column. Of what
    stands already those were asked who said in the same minute why such words may stand.
    """
    for table in TABLES:
        op.add_column(
            table, sa.Column("asked", sa.Boolean(), server_default=sa.text("false"), nullable=False)
        )
    op.execute(
        "update missing_enquiry q set asked = true from missing_episode e, held_words h"
        " where e.id = q.episode_id and h.child_id = e.child_id and h.said_by = q.recorded_by"
        " and h.said_at between q.recorded_at - interval '1 minute' and q.recorded_at + interval '1 minute'"
    )
    op.execute(
        "update missing_change c set asked = true from held_words h"
        " where h.child_id = c.child_id and h.said_by = c.changed_by"
        " and h.said_at between c.changed_at - interval '1 minute' and c.changed_at + interval '1 minute'"
    )


def downgrade() -> None:
    """The words stay where they were written."""
    for table in reversed(TABLES):
        op.drop_column(table, "asked")
