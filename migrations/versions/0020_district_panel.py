"""The panel of a district: items, summaries, with whom they were shared, what was said and decided

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_cre_case_district",
        "cre_case",
        ["district", "level"],
        unique=False,
        postgresql_where=sa.text("state NOT IN ('closed', 'transferred')"),
    )
    op.create_table(
        "panel_item",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("child_id", sa.Uuid(), nullable=True),
        sa.Column("concern_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_agency_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_reason", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("word_by", sa.Uuid(), nullable=True),
        sa.Column("word_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "case kind when 'concern' then concern_id is not null and child_id is null when 'child' then child_id is not null and concern_id is null else case_id is not null and child_id is not null and concern_id is null end",
            name=op.f("ck_panel_item_is_about_one_thing"),
        ),
        sa.CheckConstraint(
            "state <> 'declined' or decided_reason <> ''", name=op.f("ck_panel_item_declined_for_a_reason")
        ),
        sa.CheckConstraint(
            "state not in ('on', 'discussed') or (meeting_id is not null and place is not null)",
            name=op.f("ck_panel_item_on_a_panel"),
        ),
        sa.CheckConstraint(
            "case_id is null or child_id is not null", name=op.f("ck_panel_item_case_of_a_child")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_panel_item_case_id")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_panel_item_child_id")),
        sa.ForeignKeyConstraint(["concern_id"], ["concern.id"], name=op.f("fk_panel_item_concern_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["app_user.id"], name=op.f("fk_panel_item_decided_by")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_panel_item_meeting_id")),
        sa.ForeignKeyConstraint(
            ["proposed_agency_id"], ["agency.id"], name=op.f("fk_panel_item_proposed_agency_id")
        ),
        sa.ForeignKeyConstraint(["proposed_by"], ["app_user.id"], name=op.f("fk_panel_item_proposed_by")),
        sa.ForeignKeyConstraint(["word_by"], ["app_user.id"], name=op.f("fk_panel_item_word_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_item")),
        sa.UniqueConstraint("reference", name=op.f("uq_panel_item_reference")),
    )
    op.create_index(op.f("ix_panel_item_case_id"), "panel_item", ["case_id"], unique=False)
    op.create_index(op.f("ix_panel_item_child_id"), "panel_item", ["child_id"], unique=False)
    op.create_index(op.f("ix_panel_item_concern_id"), "panel_item", ["concern_id"], unique=False)
    op.create_index("ix_panel_item_district", "panel_item", ["district", "state"], unique=False)
    op.create_index("uq_panel_item_place", "panel_item", ["meeting_id", "place"], unique=True)
    op.create_table(
        "panel_summary",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asks", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_agency_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returned_by", sa.Uuid(), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_words", sa.Text(), nullable=False),
        sa.Column("read_by", sa.Uuid(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "read_at is null or returned_at is null", name=op.f("ck_panel_summary_released_or_given_back")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["panel_item.id"], name=op.f("fk_panel_summary_item_id")),
        sa.ForeignKeyConstraint(["read_by"], ["app_user.id"], name=op.f("fk_panel_summary_read_by")),
        sa.ForeignKeyConstraint(["returned_by"], ["app_user.id"], name=op.f("fk_panel_summary_returned_by")),
        sa.ForeignKeyConstraint(
            ["written_agency_id"], ["agency.id"], name=op.f("fk_panel_summary_written_agency_id")
        ),
        sa.ForeignKeyConstraint(["written_by"], ["app_user.id"], name=op.f("fk_panel_summary_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_summary")),
    )
    op.create_index("uq_panel_summary_number", "panel_summary", ["item_id", "number"], unique=True)
    op.create_table(
        "panel_papers",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_panel_papers_meeting_id")),
        sa.ForeignKeyConstraint(["sent_by"], ["app_user.id"], name=op.f("fk_panel_papers_sent_by")),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_panel_papers")),
    )
    op.create_table(
        "panel_share",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("disclosure_id", sa.Uuid(), nullable=True),
        sa.Column("shared_by", sa.Uuid(), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["disclosure_id"], ["disclosure.id"], name=op.f("fk_panel_share_disclosure_id")
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_panel_share_invitation_id")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["panel_item.id"], name=op.f("fk_panel_share_item_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["app_user.id"], name=op.f("fk_panel_share_opened_by")),
        sa.ForeignKeyConstraint(["shared_by"], ["app_user.id"], name=op.f("fk_panel_share_shared_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_share")),
    )
    op.create_index(op.f("ix_panel_share_invitation_id"), "panel_share", ["invitation_id"], unique=False)
    op.create_index("uq_panel_share_once", "panel_share", ["item_id", "invitation_id"], unique=True)
    op.create_table(
        "panel_minute",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["panel_item.id"], name=op.f("fk_panel_minute_item_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_panel_minute_meeting_id")),
        sa.ForeignKeyConstraint(["saved_by"], ["app_user.id"], name=op.f("fk_panel_minute_saved_by")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_panel_minute")),
    )
    op.create_index(op.f("ix_panel_minute_meeting_id"), "panel_minute", ["meeting_id"], unique=False)
    op.create_table(
        "panel_decision",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(withdrawn_at is null) = (withdrawn_reason = '')",
            name=op.f("ck_panel_decision_withdrawn_for_a_reason"),
        ),
        sa.ForeignKeyConstraint(["item_id"], ["panel_item.id"], name=op.f("fk_panel_decision_item_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_panel_decision_meeting_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["app_user.id"], name=op.f("fk_panel_decision_recorded_by")),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["app_user.id"], name=op.f("fk_panel_decision_withdrawn_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_decision")),
        sa.UniqueConstraint("reference", name=op.f("uq_panel_decision_reference")),
    )
    op.create_index(op.f("ix_panel_decision_item_id"), "panel_decision", ["item_id"], unique=False)
    op.create_index(op.f("ix_panel_decision_meeting_id"), "panel_decision", ["meeting_id"], unique=False)
    op.create_table(
        "panel_action",
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_panel_action_action_id")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["panel_decision.id"], name=op.f("fk_panel_action_decision_id")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["panel_item.id"], name=op.f("fk_panel_action_item_id")),
        sa.PrimaryKeyConstraint("action_id", name=op.f("pk_panel_action")),
    )
    op.create_index(op.f("ix_panel_action_item_id"), "panel_action", ["item_id"], unique=False)


def downgrade() -> None:
    for table in (
        "panel_action",
        "panel_decision",
        "panel_minute",
        "panel_share",
        "panel_papers",
        "panel_summary",
    ):
        op.drop_table(table)
    op.drop_table("panel_item")
    op.drop_index("ix_cre_case_district", table_name="cre_case")
