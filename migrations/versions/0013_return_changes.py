"""What a return interview said before

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "return_change",
        sa.Column("interview_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_agency_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["return_interview.id"], name=op.f("fk_return_change_interview_id")
        ),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_return_change_child_id")),
        sa.ForeignKeyConstraint(["changed_by"], ["app_user.id"], name=op.f("fk_return_change_changed_by")),
        sa.ForeignKeyConstraint(
            ["changed_agency_id"], ["agency.id"], name=op.f("fk_return_change_changed_agency_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_change")),
    )
    op.create_index(op.f("ix_return_change_child_id"), "return_change", ["child_id"], unique=False)
    op.create_index("ix_return_change_interview", "return_change", ["interview_id", "number"], unique=False)


def downgrade() -> None:
    op.drop_table("return_change")
