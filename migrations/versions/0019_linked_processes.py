"""Processes of other services for the same child, beside the case

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "linked_process",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("their_reference", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("owner_team_id", sa.Uuid(), nullable=True),
        sa.Column("owner_agency_id", sa.Uuid(), nullable=False),
        sa.Column("status_id", sa.Uuid(), nullable=True),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("came_from_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_words", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'running') = (ended_at is null)", name=op.f("ck_linked_process_ended_at_a_time")
        ),
        sa.CheckConstraint(
            "not personal or owner_id = author_id", name=op.f("ck_linked_process_a_personal_duty_stays")
        ),
        sa.CheckConstraint(
            "num_nonnulls(owner_id, owner_team_id) <= 1", name=op.f("ck_linked_process_one_owner")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_linked_process_agency_id")),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_linked_process_author_id")),
        sa.ForeignKeyConstraint(
            ["came_from_id"], ["linked_process.id"], name=op.f("fk_linked_process_came_from_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_linked_process_case_id")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_linked_process_child_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_linked_process_decision_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["app_user.id"], name=op.f("fk_linked_process_ended_by")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_linked_process_meeting_id")),
        sa.ForeignKeyConstraint(
            ["owner_agency_id"], ["agency.id"], name=op.f("fk_linked_process_owner_agency_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_linked_process_owner_id")),
        sa.ForeignKeyConstraint(["owner_team_id"], ["team.id"], name=op.f("fk_linked_process_owner_team_id")),
        sa.ForeignKeyConstraint(["status_id"], ["child_status.id"], name=op.f("fk_linked_process_status_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_process")),
        sa.UniqueConstraint("reference", name=op.f("uq_linked_process_reference")),
    )
    op.create_index(op.f("ix_linked_process_came_from_id"), "linked_process", ["came_from_id"], unique=False)
    op.create_index("ix_linked_process_case", "linked_process", ["case_id", "state"], unique=False)
    op.create_index(op.f("ix_linked_process_child_id"), "linked_process", ["child_id"], unique=False)
    op.create_index(op.f("ix_linked_process_decision_id"), "linked_process", ["decision_id"], unique=False)
    op.create_index(op.f("ix_linked_process_meeting_id"), "linked_process", ["meeting_id"], unique=False)
    op.create_index(
        "uq_linked_process_running",
        "linked_process",
        ["case_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state = 'running' and not personal"),
    )
    op.create_index("ix_linked_process_owner", "linked_process", ["owner_agency_id", "state"], unique=False)
    op.create_index(op.f("ix_linked_process_status_id"), "linked_process", ["status_id"], unique=False)
    op.create_table(
        "linked_note",
        sa.Column("process_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_linked_note_agency_id")),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_linked_note_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_linked_note_case_id")),
        sa.ForeignKeyConstraint(
            ["process_id"], ["linked_process.id"], name=op.f("fk_linked_note_process_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_note")),
    )
    op.create_index(op.f("ix_linked_note_case_id"), "linked_note", ["case_id"], unique=False)
    op.create_index("ix_linked_note_process", "linked_note", ["process_id", "written_at"], unique=False)
    op.create_table(
        "linked_step",
        sa.Column("process_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Uuid(), nullable=False),
        sa.Column("counted_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_agency_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'done') = (done_at is not null)", name=op.f("ck_linked_step_done_at_a_time")
        ),
        sa.CheckConstraint(
            "(state = 'open') = (recorded_at is null)", name=op.f("ck_linked_step_recorded_at_a_time")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_linked_step_case_id")),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name=op.f("fk_linked_step_deadline_id")),
        sa.ForeignKeyConstraint(
            ["owner_agency_id"], ["agency.id"], name=op.f("fk_linked_step_owner_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["process_id"], ["linked_process.id"], name=op.f("fk_linked_step_process_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_agency_id"], ["agency.id"], name=op.f("fk_linked_step_recorded_agency_id")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["app_user.id"], name=op.f("fk_linked_step_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_step")),
    )
    op.create_index(op.f("ix_linked_step_case_id"), "linked_step", ["case_id"], unique=False)
    op.create_index(op.f("ix_linked_step_deadline_id"), "linked_step", ["deadline_id"], unique=False)
    op.create_index(
        "ix_linked_step_open",
        "linked_step",
        ["owner_agency_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "uq_linked_step_open",
        "linked_step",
        ["process_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_linked_step_process", "linked_step", ["process_id", "counted_from"], unique=False)


def downgrade() -> None:
    op.drop_table("linked_note")
    op.drop_table("linked_step")
    op.drop_table("linked_process")
