"""Risk assessments, and every level that was decided

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "risk_assessment",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("assessor_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("concluded_by", sa.Uuid(), nullable=True),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finalised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("abandoned_reason", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("level_before", sa.Text(), nullable=True),
        sa.Column("level_reason", sa.Text(), nullable=False),
        sa.Column("suggested_level", sa.Text(), nullable=True),
        sa.Column("suggested_rule", sa.Text(), nullable=True),
        sa.Column("suggested_signs", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("difference_reason", sa.Text(), nullable=False),
        sa.Column("needs_full", sa.Boolean(), nullable=True),
        sa.Column("types", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("s47_considered", sa.Text(), nullable=True),
        sa.Column("s47_reason", sa.Text(), nullable=False),
        sa.Column("nrm_considered", sa.Text(), nullable=True),
        sa.Column("nrm_reason", sa.Text(), nullable=False),
        sa.Column("safety_steps", sa.Text(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=True),
        sa.Column("second_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_by", sa.Uuid(), nullable=True),
        sa.Column("returned_reason", sa.Text(), nullable=False),
        sa.Column("signed_off_by", sa.Uuid(), nullable=True),
        sa.Column("signed_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_off_note", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'finalised') = (finalised_at is not null)",
            name=op.f("ck_risk_assessment_finalised_at_a_time"),
        ),
        sa.CheckConstraint(
            "second_id <> assessor_id and second_id <> concluded_by",
            name=op.f("ck_risk_assessment_two_people"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_risk_assessment_agency_id")),
        sa.ForeignKeyConstraint(
            ["assessor_id"], ["app_user.id"], name=op.f("fk_risk_assessment_assessor_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_risk_assessment_case_id")),
        sa.ForeignKeyConstraint(
            ["concluded_by"], ["app_user.id"], name=op.f("fk_risk_assessment_concluded_by")
        ),
        sa.ForeignKeyConstraint(
            ["previous_id"], ["risk_assessment.id"], name=op.f("fk_risk_assessment_previous_id")
        ),
        sa.ForeignKeyConstraint(
            ["returned_by"], ["app_user.id"], name=op.f("fk_risk_assessment_returned_by")
        ),
        sa.ForeignKeyConstraint(["second_id"], ["app_user.id"], name=op.f("fk_risk_assessment_second_id")),
        sa.ForeignKeyConstraint(
            ["signed_off_by"], ["app_user.id"], name=op.f("fk_risk_assessment_signed_off_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_assessment")),
        sa.UniqueConstraint("reference", name=op.f("uq_risk_assessment_reference")),
    )
    op.create_index(op.f("ix_risk_assessment_case_id"), "risk_assessment", ["case_id"], unique=False)
    op.create_index(
        "uq_risk_assessment_being_written",
        "risk_assessment",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('draft', 'waiting')"),
    )
    op.create_table(
        "assessment_answer",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("not_obtained", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_assessment_answer_agency_id")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["risk_assessment.id"], name=op.f("fk_assessment_answer_assessment_id")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_assessment_answer_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_answer")),
    )
    op.create_index(
        "uq_assessment_answer",
        "assessment_answer",
        ["assessment_id", "section", "item", "number"],
        unique=True,
    )
    op.create_table(
        "assessment_section",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["risk_assessment.id"], name=op.f("fk_assessment_section_assessment_id")
        ),
        sa.ForeignKeyConstraint(["saved_by"], ["app_user.id"], name=op.f("fk_assessment_section_saved_by")),
        sa.PrimaryKeyConstraint("assessment_id", "section", name=op.f("pk_assessment_section")),
    )
    op.create_table(
        "level_decision",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=True),
        sa.Column("second_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "before is null or second_id is not null or array_position(array['high', 'medium', 'low', 'none'], level) <= array_position(array['high', 'medium', 'low', 'none'], before)",
            name=op.f("ck_level_decision_two_people_lower"),
        ),
        sa.CheckConstraint(
            "level in ('high', 'medium', 'low', 'none')", name=op.f("ck_level_decision_level_known")
        ),
        sa.CheckConstraint("second_id <> decided_by", name=op.f("ck_level_decision_two_people")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_level_decision_agency_id")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["risk_assessment.id"], name=op.f("fk_level_decision_assessment_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_level_decision_case_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["app_user.id"], name=op.f("fk_level_decision_decided_by")),
        sa.ForeignKeyConstraint(["second_id"], ["app_user.id"], name=op.f("fk_level_decision_second_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level_decision")),
    )
    op.create_index(
        op.f("ix_level_decision_assessment_id"), "level_decision", ["assessment_id"], unique=False
    )
    op.create_index("ix_level_decision_case", "level_decision", ["case_id", "number"], unique=False)


def downgrade() -> None:
    op.drop_table("level_decision")
    op.drop_table("assessment_section")
    op.drop_table("assessment_answer")
    op.drop_table("risk_assessment")
