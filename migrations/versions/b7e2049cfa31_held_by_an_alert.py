"""An alert holds back what agencies say of a child, and an agency says why something may be seen all the same

Revision ID: b7e2049cfa31
Revises: d41c7e0b9a35
"""

import sqlalchemy as sa
from alembic import op

revision = "b7e2049cfa31"
down_revision = "d41c7e0b9a35"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What stands below an alert is held back now. The agency of whoever owns the alert goes on seeing it."""
    op.add_column("alert", sa.Column("holds_back", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"))
    op.create_table(
        "statement_release",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("released_by", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_release")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_statement_release_{column}_{table}")
            )
            for column, table in (
                ("statement_id", "child_statement"),
                ("released_by", "app_user"),
                ("agency_id", "agency"),
            )
        ),
    )
    op.create_index(op.f("ix_statement_release_statement_id"), "statement_release", ["statement_id"])
    op.execute(
        "update alert set holds_back = '{address,phone,school}' where kind = 'do_not_disclose_address'"
    )
    op.execute(
        """
        with held as (
            update child_statement s
               set do_not_disclose = true,
                   named_agencies = case when s.agency_id = a.agency_id or a.agency_id = any (s.named_agencies)
                                         then s.named_agencies else s.named_agencies || a.agency_id end
              from (select distinct on (k.child_id) k.child_id, l.holds_back, u.agency_id
                      from alert l join cre_case c on c.id = l.case_id join app_user u on u.id = l.owner_id
                     cross join lateral (
                           select c.child_id
                           union select n.child_b from child_link n
                                  where n.child_a = c.child_id and n.unlinked_at is null and c.sensitivity = 0
                           union select n.child_a from child_link n
                                  where n.child_b = c.child_id and n.unlinked_at is null and c.sensitivity = 0) k
                     where l.ended_at is null and l.holds_back <> '{}'
                     order by k.child_id, l.created_at desc) a
             where s.child_id = a.child_id and s.kind = any (a.holds_back) and not s.do_not_disclose
            returning s.child_id, s.kind)
        delete from name_key k
         where k.key like 'home:%' and k.child_id in (select child_id from held where kind = 'address')
        """
    )


def downgrade() -> None:
    """What was held back stays so: nothing is disclosed by going back."""
    op.drop_table("statement_release")
    op.drop_column("alert", "holds_back")
