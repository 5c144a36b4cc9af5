"""Critical moments

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("chronology_entry", sa.Column("moment", sa.Text(), nullable=True))
    op.create_table(
        "moment_review",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reviewed_by", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "assessment_id is not null or words <> ''",
            name=op.f("ck_moment_review_says_why_nothing_changes"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_moment_review_agency_id")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["risk_assessment.id"], name=op.f("fk_moment_review_assessment_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_moment_review_case_id")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["chronology_entry.id"], name=op.f("fk_moment_review_entry_id")
        ),
        sa.ForeignKeyConstraint(["reviewed_by"], ["app_user.id"], name=op.f("fk_moment_review_reviewed_by")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_moment_review")),
    )
    op.create_index(op.f("ix_moment_review_assessment_id"), "moment_review", ["assessment_id"], unique=False)
    op.create_index(op.f("ix_moment_review_case_id"), "moment_review", ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_table("moment_review")
    op.drop_column("chronology_entry", "moment")
