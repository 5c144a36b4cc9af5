"""A return interview is read by its handling, as an entry is; whom to ask for it stands beside the episode

Revision ID: c58d21e9740b
Revises: 440331c153e0
"""

import sqlalchemy as sa
from alembic import op

revision = "c58d21e9740b"
down_revision = "440331c153e0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Interviews that are there stay as they were: for everyone who hears of the child."""
    table = "return_interview"
    op.add_column(table, sa.Column("handling", sa.Text(), nullable=False, server_default="network"))
    op.add_column(
        table, sa.Column("listed_agencies", sa.ARRAY(sa.Uuid()), nullable=False, server_default="{}")
    )
    op.add_column(table, sa.Column("family_safe", sa.Text(), nullable=False, server_default="ask"))
    op.add_column("return_interview_episode", sa.Column("agency_id", sa.Uuid()))
    op.create_foreign_key(
        op.f("fk_return_interview_episode_agency_id_agency"),
        *("return_interview_episode", "agency", ["agency_id"], ["id"]),
    )
    op.execute(
        "update return_interview_episode c set agency_id = i.agency_id from return_interview i"
        " where i.id = c.interview_id"
    )


def downgrade() -> None:
    op.drop_column("return_interview_episode", "agency_id")
    for column in ("family_safe", "listed_agencies", "handling"):
        op.drop_column("return_interview", column)
