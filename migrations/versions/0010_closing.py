"""How a case ends and is reopened, and what is handed over

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hand_over",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("meets_on", sa.Date(), nullable=True),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finalised_by", sa.Uuid(), nullable=True),
        sa.Column("finalised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind in ('transfer', 'transition')", name=op.f("ck_hand_over_kind_known")),
        sa.CheckConstraint(
            "(finalised_at is null) = (finalised_by is null)", name=op.f("ck_hand_over_finalised_by_somebody")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_hand_over_case_id")),
        sa.ForeignKeyConstraint(["finalised_by"], ["app_user.id"], name=op.f("fk_hand_over_finalised_by")),
        sa.ForeignKeyConstraint(["saved_by"], ["app_user.id"], name=op.f("fk_hand_over_saved_by")),
        sa.ForeignKeyConstraint(["started_by"], ["app_user.id"], name=op.f("fk_hand_over_started_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over")),
        sa.UniqueConstraint("reference", name=op.f("uq_hand_over_reference")),
    )
    op.create_index(op.f("ix_hand_over_case_id"), "hand_over", ["case_id"], unique=False)
    op.create_index(
        "uq_hand_over_being_written",
        "hand_over",
        ["case_id", "kind"],
        unique=True,
        postgresql_where=sa.text("finalised_at IS NULL"),
    )
    op.create_table(
        "case_closure",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("assessment_id", sa.Uuid(), nullable=True),
        sa.Column("hand_over_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("follow_up_id", sa.Uuid(), nullable=True),
        sa.Column("follow_up_name", sa.Text(), nullable=False),
        sa.Column("follow_up_agency", sa.Text(), nullable=False),
        sa.Column("follow_up_contact", sa.Text(), nullable=False),
        sa.Column("reopen_if", sa.Text(), nullable=False),
        sa.Column("left_over", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=True),
        sa.Column("second_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_by", sa.Uuid(), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopen_reason", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(ground = 'meeting') = (decision_id is not null)",
            name=op.f("ck_case_closure_decided_by_a_meeting"),
        ),
        sa.CheckConstraint(
            "closed_at is null or ground = 'meeting' or second_id is not null",
            name=op.f("ck_case_closure_second_person"),
        ),
        sa.CheckConstraint(
            "follow_up_id is not null or follow_up_name <> ''",
            name=op.f("ck_case_closure_somebody_follows_up"),
        ),
        sa.CheckConstraint(
            "ground in (case kind when 'closed' then 'no_exploitation' else 'moved' end, 'meeting')",
            name=op.f("ck_case_closure_ground_fits"),
        ),
        sa.CheckConstraint(
            "kind <> 'closed' or assessment_id is not null",
            name=op.f("ck_case_closure_closed_after_an_assessment"),
        ),
        sa.CheckConstraint(
            "kind <> 'transferred' or hand_over_id is not null", name=op.f("ck_case_closure_handed_over")
        ),
        sa.CheckConstraint("kind in ('closed', 'transferred')", name=op.f("ck_case_closure_kind_known")),
        sa.CheckConstraint(
            "(decision_id is null) = (meeting_id is null)",
            name=op.f("ck_case_closure_decided_at_its_meeting"),
        ),
        sa.CheckConstraint(
            "(second_id is null) = (second_at is null)", name=op.f("ck_case_closure_second_at_a_time")
        ),
        sa.CheckConstraint(
            "reopened_at is null or closed_at is not null", name=op.f("ck_case_closure_reopened_once_closed")
        ),
        sa.CheckConstraint("second_id <> asked_by", name=op.f("ck_case_closure_two_people")),
        sa.CheckConstraint(
            "withdrawn_at is null or closed_at is null", name=op.f("ck_case_closure_withdrawn_or_closed")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["app_user.id"], name=op.f("fk_case_closure_asked_by")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["risk_assessment.id"], name=op.f("fk_case_closure_assessment_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_case_closure_case_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_case_closure_decision_id")),
        sa.ForeignKeyConstraint(["follow_up_id"], ["app_user.id"], name=op.f("fk_case_closure_follow_up_id")),
        sa.ForeignKeyConstraint(
            ["hand_over_id"], ["hand_over.id"], name=op.f("fk_case_closure_hand_over_id")
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_case_closure_meeting_id")),
        sa.ForeignKeyConstraint(["reopened_by"], ["app_user.id"], name=op.f("fk_case_closure_reopened_by")),
        sa.ForeignKeyConstraint(["second_id"], ["app_user.id"], name=op.f("fk_case_closure_second_id")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["app_user.id"], name=op.f("fk_case_closure_withdrawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_closure")),
    )
    op.create_index(op.f("ix_case_closure_case_id"), "case_closure", ["case_id"], unique=False)
    op.create_index(
        "uq_case_closure_decision",
        "case_closure",
        ["decision_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index(
        "uq_case_closure_stands",
        "case_closure",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL AND reopened_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("case_closure")
    op.drop_table("hand_over")
