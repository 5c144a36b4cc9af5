"""By which rules the keys of the search were made

Revision ID: c2f7a91e40d6
Revises: 6d2f90ab31c5
"""

import sqlalchemy as sa
from alembic import op

revision = "c2f7a91e40d6"
down_revision = "6d2f90ab31c5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is noted, so that the keys of every child and thing of concern are made anew after this."""
    op.create_table(
        "search_key_rules",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_search_key_rules")),
    )


def downgrade() -> None:
    op.drop_table("search_key_rules")
