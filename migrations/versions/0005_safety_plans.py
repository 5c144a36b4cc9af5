"""Interim safety plans, and every due date that was moved

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deadline", sa.Column("move_code", sa.Text(), nullable=True))
    op.create_table(
        "deadline_change",
        sa.Column("deadline_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["app_user.id"], name=op.f("fk_deadline_change_changed_by")),
        sa.ForeignKeyConstraint(
            ["deadline_id"], ["deadline.id"], name=op.f("fk_deadline_change_deadline_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_change")),
    )
    op.create_index(op.f("ix_deadline_change_deadline_id"), "deadline_change", ["deadline_id"], unique=False)
    op.create_table(
        "safety_plan",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("in_force_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=False),
        sa.Column("ended_meeting_id", sa.Uuid(), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state in ('draft', 'in_force', 'ended')", name=op.f("ck_safety_plan_state_known")
        ),
        sa.CheckConstraint(
            "(state = 'ended') = (ended_at is not null)", name=op.f("ck_safety_plan_ended_at_a_time")
        ),
        sa.CheckConstraint(
            "state <> 'in_force'"
            " or (in_force_at is not null and valid_from is not null and valid_until is not null)",
            name=op.f("ck_safety_plan_in_force_for_a_time"),
        ),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_safety_plan_lasts")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_safety_plan_agency_id")),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_safety_plan_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_safety_plan_case_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["app_user.id"], name=op.f("fk_safety_plan_ended_by")),
        sa.ForeignKeyConstraint(
            ["ended_meeting_id"], ["meeting.id"], name=op.f("fk_safety_plan_ended_meeting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_plan")),
        sa.UniqueConstraint("reference", name=op.f("uq_safety_plan_reference")),
    )
    op.create_index("ix_safety_plan_case", "safety_plan", ["case_id", "started_at"], unique=False)
    op.create_index(
        "uq_safety_plan_not_ended",
        "safety_plan",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_table(
        "safety_plan_answer",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_safety_plan_answer_agency_id")),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_safety_plan_answer_author_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["safety_plan.id"], name=op.f("fk_safety_plan_answer_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_plan_answer")),
    )
    op.create_index("uq_safety_plan_answer", "safety_plan_answer", ["plan_id", "item", "number"], unique=True)
    op.create_table(
        "safety_plan_version",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("child_agrees", sa.Boolean(), nullable=False),
        sa.Column("child_words", sa.Text(), nullable=False),
        sa.Column("carer_agrees", sa.Boolean(), nullable=False),
        sa.Column("carer_words", sa.Text(), nullable=False),
        sa.Column("put_by", sa.Uuid(), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["safety_plan.id"], name=op.f("fk_safety_plan_version_plan_id")),
        sa.ForeignKeyConstraint(["put_by"], ["app_user.id"], name=op.f("fk_safety_plan_version_put_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_plan_version")),
    )
    op.create_index("uq_safety_plan_version", "safety_plan_version", ["plan_id", "edition"], unique=True)
    op.create_table(
        "safety_plan_renewal",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("renewed_by", sa.Uuid(), nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["safety_plan.id"], name=op.f("fk_safety_plan_renewal_plan_id")),
        sa.ForeignKeyConstraint(
            ["renewed_by"], ["app_user.id"], name=op.f("fk_safety_plan_renewal_renewed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_plan_renewal")),
    )
    op.create_index(op.f("ix_safety_plan_renewal_plan_id"), "safety_plan_renewal", ["plan_id"], unique=False)


def downgrade() -> None:
    op.drop_table("safety_plan_renewal")
    op.drop_table("safety_plan_version")
    op.drop_table("safety_plan_answer")
    op.drop_table("safety_plan")
    op.drop_table("deadline_change")
    op.drop_column("deadline", "move_code")
