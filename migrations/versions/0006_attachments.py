"""Files that are added to a record, and their content

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

HOLDERS = {
    "referral_id": "referral.id",
    "answer_id": "information_answer.id",
    "entry_id": "chronology_entry.id",
    "meeting_id": "meeting.id",
    "case_id": "cre_case.id",
}


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        *(sa.Column(column, sa.Uuid(), nullable=True) for column in HOLDERS),
        sa.Column("shows_source", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_agency_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.Uuid(), nullable=True),
        sa.Column("removed_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(holder = 'referral') = (referral_id is not null)"
            " and (holder = 'answer') = (answer_id is not null)"
            " and (holder = 'entry') = (entry_id is not null)"
            " and (holder = 'meeting') = (meeting_id is not null)"
            " and holder in ('referral', 'answer', 'entry', 'meeting')",
            name=op.f("ck_attachment_hangs_on_one_record"),
        ),
        sa.CheckConstraint(
            "(removed_at is null) = (removed_by is null) and (removed_at is null) = (removed_reason is null)",
            name=op.f("ck_attachment_withdrawn_by_somebody_for_a_reason"),
        ),
        sa.CheckConstraint(
            "not shows_source or holder = 'referral'", name=op.f("ck_attachment_source_of_a_form")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [target],
                name=op.f(f"fk_attachment_{column}"),
                ondelete="CASCADE" if column == "referral_id" else None,
            )
            for column, target in HOLDERS.items()
        ),
        sa.ForeignKeyConstraint(
            ["added_agency_id"], ["agency.id"], name=op.f("fk_attachment_added_agency_id")
        ),
        sa.ForeignKeyConstraint(["added_by"], ["app_user.id"], name=op.f("fk_attachment_added_by")),
        sa.ForeignKeyConstraint(["removed_by"], ["app_user.id"], name=op.f("fk_attachment_removed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("reference", name=op.f("uq_attachment_reference")),
    )
    op.create_index(op.f("ix_attachment_added_by"), "attachment", ["added_by"])
    for column in HOLDERS:
        op.create_index(
            f"ix_attachment_{column}",
            "attachment",
            [column],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    op.create_table(
        "attachment_content",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["attachment.id"],
            name=op.f("fk_attachment_content_attachment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_attachment_content")),
    )


def downgrade() -> None:
    op.drop_table("attachment_content")
    op.drop_table("attachment")
