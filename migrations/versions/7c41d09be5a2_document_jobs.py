"""Long documents that are made beside the pages

Revision ID: 7c41d09be5a2
Revises: 890655ee85e0
"""

import sqlalchemy as sa
from alembic import op

revision = "7c41d09be5a2"
down_revision = "890655ee85e0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document_job",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("copy_reference", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["app_user.id"], name=op.f("fk_document_job_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_job")),
        prefixes=["UNLOGGED"],
    )
    op.create_index(
        "ix_document_job_to_make",
        "document_job",
        ["asked_at", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'making')"),
    )
    op.create_index("ix_document_job_asked_by", "document_job", ["asked_by", "asked_at"], unique=False)
    op.create_index("ix_document_job_session", "document_job", ["session_id", "digest"], unique=False)
    op.create_index("ix_document_job_expires", "document_job", ["expires_at"], unique=False)


def downgrade() -> None:
    op.drop_table("document_job")
