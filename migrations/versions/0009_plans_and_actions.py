"""The plan of a case and its actions

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'ended') = (ended_at is not null)", name=op.f("ck_plan_ended_at_a_time")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_plan_case_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["app_user.id"], name=op.f("fk_plan_ended_by")),
        sa.ForeignKeyConstraint(["started_by"], ["app_user.id"], name=op.f("fk_plan_started_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("reference", name=op.f("uq_plan_reference")),
    )
    op.create_index(op.f("ix_plan_case_id"), "plan", ["case_id"], unique=False)
    op.create_index(
        "uq_plan_running", "plan", ["case_id"], unique=True, postgresql_where=sa.text("state = 'running'")
    )
    op.create_table(
        "action",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("owner_team_id", sa.Uuid(), nullable=True),
        sa.Column("owner_agency_id", sa.Uuid(), nullable=False),
        sa.Column("support_agencies", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("blocked_reason", sa.Text(), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_words", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effect", sa.Text(), nullable=True),
        sa.Column("covered_by", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("given_agency_id", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reach_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'confirmed') = (confirmed_at is not null)", name=op.f("ck_action_confirmed_at_a_time")
        ),
        sa.CheckConstraint(
            "(state in ('done', 'confirmed')) = (done_at is not null)", name=op.f("ck_action_done_at_a_time")
        ),
        sa.CheckConstraint(
            "(state in ('not_started', 'under_way', 'blocked')) = (reach_until is null)",
            name=op.f("ck_action_reach_ends_with_it"),
        ),
        sa.CheckConstraint("confirmed_by <> done_by", name=op.f("ck_action_two_people")),
        sa.CheckConstraint(
            "effect is null or done_at is not null", name=op.f("ck_action_effect_of_what_was_done")
        ),
        sa.CheckConstraint("num_nonnulls(owner_id, owner_team_id) = 1", name=op.f("ck_action_one_owner")),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_action_case_id")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_action_child_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_action_decision_id")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["app_user.id"], name=op.f("fk_action_confirmed_by")),
        sa.ForeignKeyConstraint(["done_by"], ["app_user.id"], name=op.f("fk_action_done_by")),
        sa.ForeignKeyConstraint(["given_agency_id"], ["agency.id"], name=op.f("fk_action_given_agency_id")),
        sa.ForeignKeyConstraint(["given_by"], ["app_user.id"], name=op.f("fk_action_given_by")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_action_meeting_id")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_action_owner_agency_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_action_owner_id")),
        sa.ForeignKeyConstraint(["owner_team_id"], ["team.id"], name=op.f("fk_action_owner_team_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_action_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action")),
        sa.UniqueConstraint("reference", name=op.f("uq_action_reference")),
    )
    op.create_index("ix_action_case", "action", ["case_id", "state", "due_on"], unique=False)
    op.create_index(op.f("ix_action_child_id"), "action", ["child_id"], unique=False)
    op.create_index(op.f("ix_action_decision_id"), "action", ["decision_id"], unique=False)
    op.create_index(op.f("ix_action_meeting_id"), "action", ["meeting_id"], unique=False)
    op.create_index("ix_action_owner", "action", ["owner_id", "state"], unique=False)
    op.create_index("ix_action_owner_team", "action", ["owner_team_id", "state"], unique=False)
    op.create_index(op.f("ix_action_plan_id"), "action", ["plan_id"], unique=False)
    op.create_table(
        "plan_text",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("not_obtained", sa.Boolean(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_plan_text_agency_id")),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_plan_text_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_plan_text_case_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_plan_text_meeting_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_text_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_text")),
    )
    op.create_index(op.f("ix_plan_text_case_id"), "plan_text", ["case_id"], unique=False)
    op.create_index(op.f("ix_plan_text_meeting_id"), "plan_text", ["meeting_id"], unique=False)
    op.create_index("ix_plan_text_plan", "plan_text", ["plan_id", "kind", "said_at"], unique=False)
    op.create_table(
        "action_note",
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("handling", sa.Text(), nullable=False),
        sa.Column("listed_agencies", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_action_note_action_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_action_note_agency_id")),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_action_note_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_action_note_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_note")),
    )
    op.create_index("ix_action_note_action", "action_note", ["action_id", "written_at"], unique=False)
    op.create_index(op.f("ix_action_note_case_id"), "action_note", ["case_id"], unique=False)
    op.create_table(
        "action_step",
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_action_step_action_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_action_step_case_id")),
        sa.ForeignKeyConstraint(["made_by"], ["app_user.id"], name=op.f("fk_action_step_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_step")),
    )
    op.create_index("ix_action_step_action", "action_step", ["action_id", "made_at"], unique=False)
    op.create_index(op.f("ix_action_step_case_id"), "action_step", ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_table("action_step")
    op.drop_table("action_note")
    op.drop_table("plan_text")
    op.drop_table("action")
    op.drop_table("plan")
