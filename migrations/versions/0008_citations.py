"""Citations of entries

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "citation",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("holder_kind", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("cited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_citation_agency_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_citation_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citation")),
        sa.UniqueConstraint("reference", name=op.f("uq_citation_reference")),
    )
    op.create_index(op.f("ix_citation_case_id"), "citation", ["case_id"], unique=False)
    op.create_index("ix_citation_holder", "citation", ["holder_id", "holder_kind"], unique=False)
    op.create_table(
        "cited_entry",
        sa.Column("citation_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("cited_by", sa.Uuid(), nullable=False),
        sa.Column("cited_agency_id", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["citation_id"], ["citation.id"], name=op.f("fk_cited_entry_citation_id")),
        sa.ForeignKeyConstraint(
            ["cited_agency_id"], ["agency.id"], name=op.f("fk_cited_entry_cited_agency_id")
        ),
        sa.ForeignKeyConstraint(["cited_by"], ["app_user.id"], name=op.f("fk_cited_entry_cited_by")),
        sa.ForeignKeyConstraint(["entry_id"], ["chronology_entry.id"], name=op.f("fk_cited_entry_entry_id")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["app_user.id"], name=op.f("fk_cited_entry_withdrawn_by")),
        sa.PrimaryKeyConstraint("citation_id", name=op.f("pk_cited_entry")),
    )
    op.create_index(op.f("ix_cited_entry_entry_id"), "cited_entry", ["entry_id"], unique=False)


def downgrade() -> None:
    op.drop_table("cited_entry")
    op.drop_table("citation")
