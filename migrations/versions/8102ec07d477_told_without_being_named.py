"""Whoever was told on a ground that the teller may not know of is not found by the key of the message

Revision ID: 8102ec07d477
Revises: dfaa00197842
"""

from alembic import op

revision = "8102ec07d477"
down_revision = "dfaa00197842"
branch_labels = None
depends_on = None

#: The rows of policy at this time that the database tells of (`ctx.tell_unseen`).
_UNSEEN = """
    (event like 'missing\\_%%'
     and (event in ('missing_twice', 'missing_match', 'missing_repeated')
          or ground in ('lead_professional', 'lead_manager', 'worker', 'team', 'reader', 'chair_soon', 'linked',
                        'social_care_record', 'heard_before', 'leaving')
          or (event, ground) in (('missing_moved_now', 'social_care'), ('missing_moved_now', 'social_care_host'),
                              ('missing_prevention', 'social_care'))))
    or ground in ('lead_unseen', 'worker_unseen')
    or (event, ground) in (('interview_completed', 'social_care'), ('social_care_decided', 'lead_professional'),
                           ('social_care_decided', 'author'))
"""


def upgrade() -> None:
    """Those that were told before are as those from now on. A key that the worker wrote stays."""
    told = f"split_part(key, ':', 1) = kind and ({_UNSEEN})"
    op.execute(f"update outbox_message set key = 'unseen.' || key where {told}")  # noqa: S608 - words of ours


def downgrade() -> None:
    """Found by the key again, unless the same was told since under the key of old."""
    op.execute(
        "update outbox_message m set key = substr(key, 8) where key like 'unseen.%%'"
        " and not exists (select 1 from outbox_message o where o.key = substr(m.key, 8))"
    )
