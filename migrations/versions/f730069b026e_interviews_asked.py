"""Whether whoever wrote in a return interview was asked about what must not be disclosed

Revision ID: f730069b026e
Revises: 4be0c6d19f72
"""

import sqlalchemy as sa
from alembic import op

revision = "f730069b026e"
down_revision = "4be0c6d19f72"
branch_labels = None
depends_on = None

TABLES = ("return_change", "return_attempt")


#: Who wrote it, and when.
WROTE = {"return_change": ("changed_by", "changed_at"), "return_attempt": ("made_by", "written_at")}
#: Until now whoever worked with the child when they wrote was asked; whoever merely looked for them was not.
NOT_ASKED = """
update {table} t set asked = false
 where t.{by} is not null
   and not exists (select 1 from team_member m join involvement v on v.team_id = m.team_id join cre_case c on c.id = v.case_id
                    where m.user_id = t.{by} and c.child_id = t.child_id and v.started_at <= t.{at})
   and not exists (select 1 from access_grant g join cre_case c on c.id = g.case_id
                    where g.user_id = t.{by} and c.child_id = t.child_id and g.starts_at <= t.{at})
   and not exists (select 1 from app_user u join agency a on a.id = u.agency_id and a.sector = 'hub' where u.id = t.{by})
"""


def upgrade() -> None:
    """What stands there is held back of whoever was not asked, as what they write from then on."""
    for table in TABLES:
        op.add_column(table, sa.Column("asked", sa.Boolean(), server_default=sa.true(), nullable=False))
        by, at = WROTE[table]
        op.execute(NOT_ASKED.format(table=table, by=by, at=at))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "asked")
