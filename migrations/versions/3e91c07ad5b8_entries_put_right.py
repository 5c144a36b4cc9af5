"""Who reads an entry, its kind and its day are put right, and how it was is kept

Revision ID: 3e91c07ad5b8
Revises: b7e2049cfa31
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "3e91c07ad5b8"
down_revision = "b7e2049cfa31"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("chronology_entry", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "entry_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_change")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_entry_change_{column}_{table}"))
            for column, table in (
                ("entry_id", "chronology_entry"),
                ("changed_by", "app_user"),
                ("agency_id", "agency"),
            )
        ),
    )
    op.create_index("uq_entry_change", "entry_change", ["entry_id", "number"], unique=True)


def downgrade() -> None:
    op.drop_table("entry_change")
    op.drop_column("chronology_entry", "version")
