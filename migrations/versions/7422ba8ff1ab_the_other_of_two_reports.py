"""A report that is withdrawn says of which other one it is a double

Revision ID: 7422ba8ff1ab
Revises: 7b1d90c4e6a2
"""

import sqlalchemy as sa
from alembic import op

revision = "7422ba8ff1ab"
down_revision = "7b1d90c4e6a2"
branch_labels = None
depends_on = None

_ONLY_WITHDRAWN = "double_of is null or withdrawn_at is not null"


def upgrade() -> None:
    other = sa.ForeignKey("missing_episode.id", name="fk_missing_episode_double_of")
    op.add_column("missing_episode", sa.Column("double_of", sa.Uuid(), other, nullable=True))
    op.create_check_constraint(
        op.f("ck_missing_episode_double_is_withdrawn"), "missing_episode", _ONLY_WITHDRAWN
    )


def downgrade() -> None:
    op.drop_column("missing_episode", "double_of")
