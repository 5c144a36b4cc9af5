"""Missing children, concerns and the directory: what the parts of the local picture share

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_BEFORE = (
    "(case_id is not null)::int + (referral_id is not null)::int + (disclosure_id is not null)::int"
    " + (request_id is not null)::int + (meeting_id is not null)::int"
)


def upgrade() -> None:
    op.create_table(
        "concern",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("source_grade", sa.Text(), nullable=True),
        sa.Column("information_grade", sa.Text(), nullable=True),
        sa.Column("handling_code", sa.Text(), nullable=True),
        sa.Column("risk", sa.Text(), nullable=True),
        sa.Column("owner_agency_id", sa.Uuid(), nullable=False),
        sa.Column("owner_team_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_agency_id", sa.Uuid(), nullable=False),
        sa.Column("sensitivity", sa.SmallInteger(), nullable=False),
        sa.Column("dwelling", sa.Boolean(), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("authority", sa.Text(), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("police_status", sa.Text(), nullable=True),
        sa.Column("police_status_by", sa.Uuid(), nullable=True),
        sa.Column("police_status_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("also_child", sa.Boolean(), nullable=True),
        sa.Column("do_not_approach", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind = 'person' or police_status is null", name=op.f("ck_concern_status_of_a_person")
        ),
        sa.CheckConstraint("kind = 'place' or not dwelling", name=op.f("ck_concern_dwelling_is_a_place")),
        sa.CheckConstraint(
            "(ended_at is null) = (ended_by is null)", name=op.f("ck_concern_ended_by_somebody")
        ),
        sa.CheckConstraint("sensitivity between 0 and 1", name=op.f("ck_concern_sensitivity_known")),
        sa.ForeignKeyConstraint(
            ["created_agency_id"], ["agency.id"], name=op.f("fk_concern_created_agency_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["app_user.id"], name=op.f("fk_concern_created_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["app_user.id"], name=op.f("fk_concern_ended_by")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_concern_owner_agency_id")),
        sa.ForeignKeyConstraint(["owner_team_id"], ["team.id"], name=op.f("fk_concern_owner_team_id")),
        sa.ForeignKeyConstraint(
            ["police_status_by"], ["app_user.id"], name=op.f("fk_concern_police_status_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern")),
        sa.UniqueConstraint("reference", name=op.f("uq_concern_reference")),
    )
    op.create_index("ix_concern_district", "concern", ["district", "kind"], unique=False)
    op.create_index("ix_concern_kind", "concern", ["kind", "name"], unique=False)
    op.create_table(
        "directory_entry",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("checked_by", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(ended_at is null) = (ended_by is null)", name=op.f("ck_directory_entry_ended_by_somebody")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_directory_entry_agency_id")),
        sa.ForeignKeyConstraint(["checked_by"], ["app_user.id"], name=op.f("fk_directory_entry_checked_by")),
        sa.ForeignKeyConstraint(["created_by"], ["app_user.id"], name=op.f("fk_directory_entry_created_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["app_user.id"], name=op.f("fk_directory_entry_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_entry")),
    )
    op.create_index(op.f("ix_directory_entry_agency_id"), "directory_entry", ["agency_id"], unique=False)
    op.create_index("ix_directory_entry_district", "directory_entry", ["district", "role"], unique=False)
    op.create_table(
        "concern_key",
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["concern_id"], ["concern.id"], name=op.f("fk_concern_key_concern_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("concern_id", "key", name=op.f("pk_concern_key")),
    )
    op.create_index(op.f("ix_concern_key_key"), "concern_key", ["key"], unique=False)
    op.create_table(
        "concern_link",
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=True),
        sa.Column("other_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("source_kind", sa.Text(), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("handling", sa.Text(), nullable=False),
        sa.Column("listed_agencies", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(ended_at is null) = (ended_by is null)", name=op.f("ck_concern_link_ended_by_somebody")
        ),
        sa.CheckConstraint(
            "num_nonnulls(child_id, other_id) = 1", name=op.f("ck_concern_link_one_other_end")
        ),
        sa.CheckConstraint("other_id <> concern_id", name=op.f("ck_concern_link_two_ends")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_concern_link_agency_id")),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_concern_link_author_id")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_concern_link_child_id")),
        sa.ForeignKeyConstraint(["concern_id"], ["concern.id"], name=op.f("fk_concern_link_concern_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["app_user.id"], name=op.f("fk_concern_link_ended_by")),
        sa.ForeignKeyConstraint(["other_id"], ["concern.id"], name=op.f("fk_concern_link_other_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern_link")),
    )
    op.create_index(op.f("ix_concern_link_child_id"), "concern_link", ["child_id"], unique=False)
    op.create_index(op.f("ix_concern_link_concern_id"), "concern_link", ["concern_id"], unique=False)
    op.create_index(op.f("ix_concern_link_other_id"), "concern_link", ["other_id"], unique=False)
    op.create_table(
        "concern_note",
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("handling", sa.Text(), nullable=False),
        sa.Column("listed_agencies", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_concern_note_agency_id")),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_concern_note_author_id")),
        sa.ForeignKeyConstraint(["concern_id"], ["concern.id"], name=op.f("fk_concern_note_concern_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern_note")),
    )
    op.create_index("ix_concern_note_concern", "concern_note", ["concern_id", "happened_on"], unique=False)
    op.create_table(
        "concern_release",
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("released_by", sa.Uuid(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_concern_release_agency_id")),
        sa.ForeignKeyConstraint(["concern_id"], ["concern.id"], name=op.f("fk_concern_release_concern_id")),
        sa.ForeignKeyConstraint(
            ["released_by"], ["app_user.id"], name=op.f("fk_concern_release_released_by")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["app_user.id"], name=op.f("fk_concern_release_withdrawn_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern_release")),
    )
    op.create_index(op.f("ix_concern_release_concern_id"), "concern_release", ["concern_id"], unique=False)
    op.create_table(
        "concern_scope",
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("reader", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["concern_id"], ["concern.id"], name=op.f("fk_concern_scope_concern_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("concern_id", "reader", name=op.f("pk_concern_scope")),
    )
    op.create_index("ix_concern_scope_reader", "concern_scope", ["reader", "concern_id"], unique=False)
    op.create_table(
        "missing_episode",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("reported_name", sa.Text(), nullable=False),
        sa.Column("reported_dob", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("missing_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_by", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_agency_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_team_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("police_reference", sa.Text(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("circumstances", sa.Text(), nullable=False),
        sa.Column("missing_from", sa.Text(), nullable=True),
        sa.Column("responsible_authority", sa.Text(), nullable=True),
        sa.Column("host_authority", sa.Text(), nullable=True),
        sa.Column("last_seen", sa.Text(), nullable=False),
        sa.Column("wearing", sa.Text(), nullable=False),
        sa.Column("believed_with", sa.Text(), nullable=False),
        sa.Column("trigger_plan_used", sa.Boolean(), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("how_found", sa.Text(), nullable=True),
        sa.Column("found_where", sa.Text(), nullable=False),
        sa.Column("found_with", sa.Text(), nullable=False),
        sa.Column("injuries", sa.Text(), nullable=False),
        sa.Column("prevention_by", sa.Text(), nullable=False),
        sa.Column("prevention_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("prevention_words", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(withdrawn_at is null) = (withdrawn_by is null)",
            name=op.f("ck_missing_episode_withdrawn_by_somebody"),
        ),
        sa.CheckConstraint(
            "returned_at is null or returned_at >= missing_since",
            name=op.f("ck_missing_episode_returns_after_it_began"),
        ),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_missing_episode_child_id")),
        sa.ForeignKeyConstraint(
            ["recorded_agency_id"], ["agency.id"], name=op.f("fk_missing_episode_recorded_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["app_user.id"], name=op.f("fk_missing_episode_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_team_id"], ["team.id"], name=op.f("fk_missing_episode_recorded_team_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["app_user.id"], name=op.f("fk_missing_episode_withdrawn_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missing_episode")),
        sa.UniqueConstraint("reference", name=op.f("uq_missing_episode_reference")),
    )
    op.create_index(
        "ix_missing_episode_child", "missing_episode", ["child_id", "missing_since"], unique=False
    )
    op.create_index(
        "ix_missing_episode_now",
        "missing_episode",
        ["missing_since"],
        unique=False,
        postgresql_where=sa.text("returned_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_index("ix_missing_episode_returned", "missing_episode", ["returned_at"], unique=False)
    op.create_table(
        "missing_scope",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("reader", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["child.id"], name=op.f("fk_missing_scope_child_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("record_id", "reader", name=op.f("pk_missing_scope")),
    )
    op.create_index("ix_missing_scope_child", "missing_scope", ["child_id"], unique=False)
    op.create_index("ix_missing_scope_reader", "missing_scope", ["reader", "record_id"], unique=False)
    op.create_table(
        "return_interview",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered", sa.Text(), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offered_by", sa.Text(), nullable=False),
        sa.Column("offered_how", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("declined_reason", sa.Text(), nullable=False),
        sa.Column("interviewer", sa.Text(), nullable=False),
        sa.Column("independent", sa.Boolean(), nullable=True),
        sa.Column("independent_words", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("seen_alone", sa.Boolean(), nullable=True),
        sa.Column("limits_told", sa.Boolean(), nullable=True),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("carer_information", sa.Text(), nullable=False),
        sa.Column("shared", postgresql.JSONB(), nullable=False),
        sa.Column("assessment_needed", sa.Boolean(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_by", sa.Uuid(), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(completed_at is null) = (completed_by is null)",
            name=op.f("ck_return_interview_completed_by_somebody"),
        ),
        sa.CheckConstraint(
            "done_at is null or accepted is not false", name=op.f("ck_return_interview_held_only_if_accepted")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_return_interview_agency_id")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_return_interview_child_id")),
        sa.ForeignKeyConstraint(
            ["completed_by"], ["app_user.id"], name=op.f("fk_return_interview_completed_by")
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["app_user.id"], name=op.f("fk_return_interview_opened_by")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_return_interview_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_interview")),
        sa.UniqueConstraint("reference", name=op.f("uq_return_interview_reference")),
    )
    op.create_index("ix_return_interview_child", "return_interview", ["child_id", "opened_at"], unique=False)
    op.create_index(
        "ix_return_interview_open",
        "return_interview",
        ["team_id"],
        unique=False,
        postgresql_where=sa.text("completed_at IS NULL"),
    )
    op.create_table(
        "missing_change",
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_agency_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_agency_id"], ["agency.id"], name=op.f("fk_missing_change_changed_agency_id")
        ),
        sa.ForeignKeyConstraint(["changed_by"], ["app_user.id"], name=op.f("fk_missing_change_changed_by")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_missing_change_child_id")),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["missing_episode.id"], name=op.f("fk_missing_change_episode_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missing_change")),
    )
    op.create_index(op.f("ix_missing_change_child_id"), "missing_change", ["child_id"], unique=False)
    op.create_index(op.f("ix_missing_change_episode_id"), "missing_change", ["episode_id"], unique=False)
    op.create_table(
        "return_attempt",
        sa.Column("interview_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_return_attempt_agency_id")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_return_attempt_child_id")),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["return_interview.id"], name=op.f("fk_return_attempt_interview_id")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["app_user.id"], name=op.f("fk_return_attempt_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_attempt")),
    )
    op.create_index(op.f("ix_return_attempt_child_id"), "return_attempt", ["child_id"], unique=False)
    op.create_index(op.f("ix_return_attempt_interview_id"), "return_attempt", ["interview_id"], unique=False)
    op.create_table(
        "return_interview_episode",
        sa.Column("interview_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["child.id"], name=op.f("fk_return_interview_episode_child_id")
        ),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["missing_episode.id"], name=op.f("fk_return_interview_episode_episode_id")
        ),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["return_interview.id"], name=op.f("fk_return_interview_episode_interview_id")
        ),
        sa.PrimaryKeyConstraint("interview_id", "episode_id", name=op.f("pk_return_interview_episode")),
        sa.UniqueConstraint("episode_id", name=op.f("uq_return_interview_episode_episode_id")),
    )
    op.create_index(
        op.f("ix_return_interview_episode_child_id"), "return_interview_episode", ["child_id"], unique=False
    )
    op.add_column(
        "chronology_entry",
        sa.Column("details", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'")),
    )
    op.alter_column("chronology_entry", "details", server_default=None)
    op.add_column("deadline", sa.Column("child_id", sa.Uuid(), nullable=True))
    op.add_column("deadline", sa.Column("concern_id", sa.Uuid(), nullable=True))
    op.add_column("deadline", sa.Column("directory_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_deadline_child_id"), "deadline", ["child_id"], unique=False)
    op.create_index(op.f("ix_deadline_concern_id"), "deadline", ["concern_id"], unique=False)
    op.create_index(op.f("ix_deadline_directory_id"), "deadline", ["directory_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_deadline_directory_id"), "deadline", "directory_entry", ["directory_id"], ["id"]
    )
    op.create_foreign_key(op.f("fk_deadline_child_id"), "deadline", "child", ["child_id"], ["id"])
    op.create_foreign_key(op.f("fk_deadline_concern_id"), "deadline", "concern", ["concern_id"], ["id"])
    # ### end Alembic commands ###
    op.drop_constraint(op.f("ck_deadline_has_a_subject"), "deadline", type_="check")
    op.create_check_constraint(
        op.f("ck_deadline_has_a_subject"),
        "deadline",
        f"{_BEFORE} + (child_id is not null)::int + (concern_id is not null)::int"
        " + (directory_id is not null)::int >= 1",
    )


def downgrade() -> None:
    # What hangs on nothing that stays cannot stay.
    op.drop_constraint(op.f("ck_deadline_has_a_subject"), "deadline", type_="check")
    gone = f"(select id from deadline where {_BEFORE} = 0)"  # noqa: S608 -- written here
    op.execute(f"update outbox_subject set deadline_id = null where deadline_id in {gone}")  # noqa: S608 -- written here
    op.execute(f"delete from deadline_change where deadline_id in {gone}")  # noqa: S608 -- written here
    op.execute(f"delete from deadline where id in {gone}")  # noqa: S608 -- written here
    op.create_check_constraint(op.f("ck_deadline_has_a_subject"), "deadline", f"{_BEFORE} >= 1")
    op.drop_constraint(op.f("fk_deadline_concern_id"), "deadline", type_="foreignkey")
    op.drop_constraint(op.f("fk_deadline_child_id"), "deadline", type_="foreignkey")
    op.drop_constraint(op.f("fk_deadline_directory_id"), "deadline", type_="foreignkey")
    op.drop_index(op.f("ix_deadline_directory_id"), table_name="deadline")
    op.drop_index(op.f("ix_deadline_concern_id"), table_name="deadline")
    op.drop_index(op.f("ix_deadline_child_id"), table_name="deadline")
    op.drop_column("deadline", "directory_id")
    op.drop_column("deadline", "concern_id")
    op.drop_column("deadline", "child_id")
    op.drop_column("chronology_entry", "details")
    op.drop_index(op.f("ix_return_interview_episode_child_id"), table_name="return_interview_episode")
    op.drop_table("return_interview_episode")
    op.drop_index(op.f("ix_return_attempt_interview_id"), table_name="return_attempt")
    op.drop_index(op.f("ix_return_attempt_child_id"), table_name="return_attempt")
    op.drop_table("return_attempt")
    op.drop_index(op.f("ix_missing_change_episode_id"), table_name="missing_change")
    op.drop_index(op.f("ix_missing_change_child_id"), table_name="missing_change")
    op.drop_table("missing_change")
    op.drop_index(
        "ix_return_interview_open",
        table_name="return_interview",
        postgresql_where=sa.text("completed_at IS NULL"),
    )
    op.drop_index("ix_return_interview_child", table_name="return_interview")
    op.drop_table("return_interview")
    op.drop_index("ix_missing_scope_reader", table_name="missing_scope")
    op.drop_index("ix_missing_scope_child", table_name="missing_scope")
    op.drop_table("missing_scope")
    op.drop_index("ix_missing_episode_returned", table_name="missing_episode")
    op.drop_index(
        "ix_missing_episode_now",
        table_name="missing_episode",
        postgresql_where=sa.text("returned_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.drop_index("ix_missing_episode_child", table_name="missing_episode")
    op.drop_table("missing_episode")
    op.drop_index("ix_concern_scope_reader", table_name="concern_scope")
    op.drop_table("concern_scope")
    op.drop_index(op.f("ix_concern_release_concern_id"), table_name="concern_release")
    op.drop_table("concern_release")
    op.drop_index("ix_concern_note_concern", table_name="concern_note")
    op.drop_table("concern_note")
    op.drop_index(op.f("ix_concern_link_other_id"), table_name="concern_link")
    op.drop_index(op.f("ix_concern_link_concern_id"), table_name="concern_link")
    op.drop_index(op.f("ix_concern_link_child_id"), table_name="concern_link")
    op.drop_table("concern_link")
    op.drop_index(op.f("ix_concern_key_key"), table_name="concern_key")
    op.drop_table("concern_key")
    op.drop_index("ix_directory_entry_district", table_name="directory_entry")
    op.drop_index(op.f("ix_directory_entry_agency_id"), table_name="directory_entry")
    op.drop_table("directory_entry")
    op.drop_index("ix_concern_kind", table_name="concern")
    op.drop_index("ix_concern_district", table_name="concern")
    op.drop_table("concern")
    # ### end Alembic commands ###
