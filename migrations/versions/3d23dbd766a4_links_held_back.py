"""Links that say where a child lives are held back by an alert, as addresses are

Revision ID: 3d23dbd766a4
Revises: a4d302cf2b97
"""

import sqlalchemy as sa
from alembic import op

revision = "3d23dbd766a4"
down_revision = "a4d302cf2b97"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What stands is held back where an alert says so; one that only looks like an address is with the next alert."""
    op.add_column("concern_link", sa.Column("tells", sa.Text(), nullable=True))
    op.add_column(
        "concern_link",
        sa.Column("do_not_disclose", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "link_release",
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("released_by", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_link_release_agency_id")),
        sa.ForeignKeyConstraint(["link_id"], ["concern_link.id"], name=op.f("fk_link_release_link_id")),
        sa.ForeignKeyConstraint(["released_by"], ["app_user.id"], name=op.f("fk_link_release_released_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_release")),
    )
    op.create_index(op.f("ix_link_release_link_id"), "link_release", ["link_id"], unique=False)
    op.execute(
        "update concern_link l set tells = case l.role when 'lives_there' then 'address' else 'phone' end"
        " where l.child_id is not null and l.role in ('lives_there', 'given_phone')"
    )
    op.execute(
        "update concern_link l set do_not_disclose = true from concern k"
        " where k.id = l.concern_id and l.child_id is not null and l.ended_at is null"
        " and exists (select 1 from cre_case c join alert a on a.case_id = c.id"
        "              where c.child_id = l.child_id and a.ended_at is null"
        "                and (l.tells = any (a.holds_back) or (k.dwelling and 'address' = any (a.holds_back))))"
    )


def downgrade() -> None:
    """What was held back is seen again: take it back first where that must not be."""
    op.drop_table("link_release")
    op.drop_column("concern_link", "do_not_disclose")
    op.drop_column("concern_link", "tells")
