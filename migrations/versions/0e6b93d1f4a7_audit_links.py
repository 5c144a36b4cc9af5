"""Keep where the audit rows of a connection end in a table, not in a setting that anybody can write

Revision ID: 0e6b93d1f4a7
Revises: 8c41f0d2b7a6
"""

import sqlalchemy as sa
from alembic import op

revision = "0e6b93d1f4a7"
down_revision = "8c41f0d2b7a6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_link",
        sa.Column("pid", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("pid", name=op.f("pk_audit_link")),
        schema="ctx",
        prefixes=["UNLOGGED"],
    )


def downgrade() -> None:
    op.drop_table("audit_link", schema="ctx")
