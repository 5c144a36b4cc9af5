"""Files that came with a saved e-mail, and how many of them were not taken

Revision ID: 7989de4342ea
Revises: 45495c3d0bcb
"""

import sqlalchemy as sa
from alembic import op

revision = "7989de4342ea"
down_revision = "45495c3d0bcb"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attachment", sa.Column("part_of_id", sa.Uuid(), nullable=True))
    op.add_column(
        "attachment", sa.Column("left_out", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.create_foreign_key(
        op.f("fk_attachment_part_of_id"),
        "attachment",
        "attachment",
        ["part_of_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.create_check_constraint(
        op.f("ck_attachment_left_out_of_an_email"),
        "attachment",
        "left_out >= 0 and (left_out = 0 or kind = 'email')",
    )
    op.create_index(
        "ix_attachment_part_of_id",
        "attachment",
        ["part_of_id"],
        postgresql_where=sa.text("part_of_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_attachment_part_of_id", table_name="attachment")
    op.drop_constraint(op.f("ck_attachment_left_out_of_an_email"), "attachment", type_="check")
    op.drop_constraint(op.f("fk_attachment_part_of_id"), "attachment", type_="foreignkey")
    op.drop_column("attachment", "left_out")
    op.drop_column("attachment", "part_of_id")
