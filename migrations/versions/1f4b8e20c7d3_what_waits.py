"""What waits for triage in the order of each colour, and what hangs on a case, a form or a reader, found by itself

Revision ID: 1f4b8e20c7d3
Revises: 5a0e7c93b1d6
"""

from alembic import op

revision = "1f4b8e20c7d3"
down_revision = "5a0e7c93b1d6"
branch_labels = None
depends_on = None

CONCURRENTLY = {
    "ix_referral_waiting": "referral (colour, triage_due_at, id)"
    " where state in ('in_triage', 'sent', 'waiting_for_sender')",
    "ix_referral_notice_reference": "referral_notice (reference)",
    "ix_deadline_case": "deadline (case_id, state, kind)",
    "ix_deadline_referral": "deadline (referral_id, state, kind)",
    "ix_outbox_message_own": "outbox_message (recipient_id, agency_id, created_at, id)",
    "ix_outbox_message_own_unread": "outbox_message (recipient_id, agency_id) where read_at is null",
    "ix_child_statement_replaces_id": "child_statement (replaces_id)",
    "ix_disclosure_newest": "disclosure (decided_at, id)",
    "ix_disclosure_unconfirmed": "disclosure (colour)"
    " where confirmed_at is null and withdrawn_at is null and decision <> 'refuse'",
}
#: What those do better, by the statement that makes it again.
REPLACED = {
    "ix_deadline_case_id": "deadline (case_id)",
    "ix_deadline_referral_id": "deadline (referral_id)",
    "ix_outbox_message_bell": "outbox_message (recipient_id, created_at)",
    "ix_outbox_message_unread": "outbox_message (recipient_id) where read_at is null",
}


def upgrade() -> None:
    pass


def downgrade() -> None:
    for name in CONCURRENTLY:
        op.execute(f"drop index if exists {name}")
    for name, rest in REPLACED.items():
        op.execute(f"create index if not exists {name} on {rest}")
