"""Orders and notices on people and places of concern

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "concern_order",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_by_words", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("original_expires_on", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("served_words", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("owner_team_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("ended_words", sa.Text(), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(expires_on, review_on) = 1",
            name=op.f("ck_concern_order_runs_out_or_is_reviewed"),
        ),
        sa.CheckConstraint(
            "(ended_at is null) = (ended_by is null)", name=op.f("ck_concern_order_ended_by_somebody")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_concern_order_agency_id")),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_concern_order_author_id")),
        sa.ForeignKeyConstraint(["concern_id"], ["concern.id"], name=op.f("fk_concern_order_concern_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["app_user.id"], name=op.f("fk_concern_order_ended_by")),
        sa.ForeignKeyConstraint(["owner_team_id"], ["team.id"], name=op.f("fk_concern_order_owner_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern_order")),
        sa.UniqueConstraint("reference", name=op.f("uq_concern_order_reference")),
    )
    op.create_index(op.f("ix_concern_order_concern_id"), "concern_order", ["concern_id"], unique=False)
    op.create_index(
        "ix_concern_order_in_force",
        "concern_order",
        [sa.text("coalesce(expires_on, review_on)"), "id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "order_child",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["app_user.id"], name=op.f("fk_order_child_added_by")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_order_child_child_id")),
        sa.ForeignKeyConstraint(["order_id"], ["concern_order.id"], name=op.f("fk_order_child_order_id")),
        sa.PrimaryKeyConstraint("order_id", "child_id", name=op.f("pk_order_child")),
    )
    op.create_index(op.f("ix_order_child_child_id"), "order_child", ["child_id"], unique=False)
    op.create_table(
        "order_step",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("before", sa.Date(), nullable=True),
        sa.Column("after", sa.Date(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_order_step_agency_id")),
        sa.ForeignKeyConstraint(["made_by"], ["app_user.id"], name=op.f("fk_order_step_made_by")),
        sa.ForeignKeyConstraint(["order_id"], ["concern_order.id"], name=op.f("fk_order_step_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_step")),
    )
    op.create_index("ix_order_step_order", "order_step", ["order_id", "made_at"], unique=False)


def downgrade() -> None:
    op.drop_table("order_step")
    op.drop_table("order_child")
    op.drop_table("concern_order")
