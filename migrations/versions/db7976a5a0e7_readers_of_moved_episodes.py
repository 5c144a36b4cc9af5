"""Whoever read an episode before it was put on another child does not go on reading it by that

Revision ID: db7976a5a0e7
Revises: e03eb3e45ecd
"""

from alembic import op

revision = "db7976a5a0e7"
down_revision = "e03eb3e45ecd"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rows of reach stayed with the former child where it had no other episode."""
    op.execute(
        """
        delete from missing_scope s
         using (select id, child_id from missing_episode
                union all select id, child_id from return_interview) r
         where r.id = s.record_id and r.child_id <> s.child_id
        """
    )


def downgrade() -> None:
    """What nobody should have read does not come back."""
