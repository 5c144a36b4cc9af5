"""A line of the ledger says whether it is of a team that joined a case: whoever loses sight of the case loses it

Revision ID: 87a9b3a5c696
Revises: 8102ec07d477
"""

import sqlalchemy as sa
from alembic import op

revision = "87a9b3a5c696"
down_revision = "8102ec07d477"
branch_labels = None
depends_on = None

#: Of what was told of a case and of no form, all but minutes and papers: a team or a worker that joined.
_JOINED = """
update disclosure d set of_joining = true
 where d.case_id is not null and d.referral_id is null
   and not exists (select 1 from minutes_copy c where c.disclosure_id = d.id)
   and not exists (select 1 from panel_share s where s.disclosure_id = d.id)
"""
#: What a joining gave of the child beside the case goes, and so does what is owed by whoever is not there any more.
_NO_LONGER = """
update deadline l
   set state = 'cancelled', ended_at = statement_timestamp(), move_reason = 'No longer on the case'
  from disclosure d
 where d.of_joining and l.disclosure_id = d.id and l.state = 'open' and l.kind = 'receipt'
   and not exists (select 1 from case_scope s
                    where s.case_id = d.case_id and s.reader in (l.owner_id, l.owner_team_id, l.owner_agency_id)
                      and s.until > statement_timestamp())
"""


def upgrade() -> None:
    """Lines that stand are marked, and what they gave to those who do not know of the case any more goes."""
    op.add_column(
        "disclosure", sa.Column("of_joining", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute(_JOINED)
    op.execute(_NO_LONGER)


def downgrade() -> None:
    """Before this every line was read by whoever it names."""
    op.drop_column("disclosure", "of_joining")
