"""Whether a child who is reported missing is one who was known, and an episode that is put on the right child

Revision ID: a4c81e5f2d90
Revises: c2f7a91e40d6
"""

import sqlalchemy as sa
from alembic import op

revision = "a4c81e5f2d90"
down_revision = "c2f7a91e40d6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "missing_match",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("same", sa.Boolean(), nullable=True),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_agency_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(answered_at is null) = (answered_by is null) and (answered_at is null) = (same is null)",
            name="answered_by_somebody",
        ),
        sa.ForeignKeyConstraint(["episode_id"], ["missing_episode.id"]),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"]),
        sa.ForeignKeyConstraint(["other_id"], ["child.id"]),
        sa.ForeignKeyConstraint(["answered_by"], ["app_user.id"]),
        sa.ForeignKeyConstraint(["answered_agency_id"], ["agency.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_missing_match_episode_id", "missing_match", ["episode_id"])
    op.create_index(
        "ix_missing_match_waiting",
        "missing_match",
        ["asked_at"],
        postgresql_where=sa.text("answered_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("missing_match")
