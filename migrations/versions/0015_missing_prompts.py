"""Repeated missing episodes ask for a decision on a strategy meeting

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_OPEN = sa.text("answered_at IS NULL AND fell_away_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "missing_prompt",
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("episode_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("prompted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_agency_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fell_away_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(answered_at is null) = (answered_by is null) and (answered_at is null) = (answer is null)",
            name=op.f("ck_missing_prompt_answered_by_somebody"),
        ),
        sa.CheckConstraint(
            "answered_at is null or fell_away_at is null",
            name=op.f("ck_missing_prompt_answered_or_fell_away"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_agency_id"], ["agency.id"], name=op.f("fk_missing_prompt_answered_agency_id")
        ),
        sa.ForeignKeyConstraint(["answered_by"], ["app_user.id"], name=op.f("fk_missing_prompt_answered_by")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_missing_prompt_child_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missing_prompt")),
    )
    op.create_index(op.f("ix_missing_prompt_child_id"), "missing_prompt", ["child_id"], unique=False)
    op.create_index(
        "uq_missing_prompt_open", "missing_prompt", ["child_id"], unique=True, postgresql_where=_OPEN
    )


def downgrade() -> None:
    op.drop_index("uq_missing_prompt_open", table_name="missing_prompt", postgresql_where=_OPEN)
    op.drop_index(op.f("ix_missing_prompt_child_id"), table_name="missing_prompt")
    op.drop_table("missing_prompt")
