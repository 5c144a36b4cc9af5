"""Minutes as they are typed: every version, what each open page sent last, and who is there

Revision ID: 45495c3d0bcb
Revises: f04b7a6d21c9
"""

import sqlalchemy as sa
from alembic import op

revision = "45495c3d0bcb"
down_revision = "f04b7a6d21c9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What stands under a heading now is the first version that is known of it."""
    op.add_column(
        "minute", sa.Column("both_changed", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.create_table(
        "minute_version",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("both_changed", sa.Boolean(), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("item_id", "number", name=op.f("pk_minute_version")),
        *_keys(
            "minute_version",
            item_id="agenda_item",
            meeting_id="meeting",
            case_id="cre_case",
            saved_by="app_user",
        ),
    )
    for column in ("meeting_id", "case_id"):
        op.create_index(op.f(f"ix_minute_version_{column}"), "minute_version", [column])
    op.create_table(
        "minute_page",
        sa.Column("page", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("page", "item_id", name=op.f("pk_minute_page")),
        *_keys("minute_page", item_id="agenda_item", meeting_id="meeting", user_id="app_user"),
    )
    for column in ("meeting_id", "user_id", "sent_at"):
        op.create_index(op.f(f"ix_minute_page_{column}"), "minute_page", [column])
    op.create_table(
        "meeting_presence",
        sa.Column("page", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("page", name=op.f("pk_meeting_presence")),
        *_keys("meeting_presence", meeting_id="meeting", user_id="app_user"),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["agenda_item.id"],
            name=op.f("fk_meeting_presence_item_id_agenda_item"),
            ondelete="SET NULL",
        ),
        prefixes=["UNLOGGED"],
    )
    for column in ("meeting_id", "seen_at"):
        op.create_index(op.f(f"ix_meeting_presence_{column}"), "meeting_presence", [column])
    op.execute(
        "insert into minute_version (item_id, number, meeting_id, case_id, text, both_changed, saved_by, saved_at)"
        " select item_id, version, meeting_id, case_id, text, both_changed, saved_by, saved_at from minute"
    )


def downgrade() -> None:
    op.drop_table("meeting_presence")
    op.drop_table("minute_page")
    op.drop_table("minute_version")
    op.drop_column("minute", "both_changed")


def _keys(table: str, **tables: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
        for column, other in tables.items()
    ]
