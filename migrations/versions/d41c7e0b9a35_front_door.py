"""What is decided, goes: what a front door is told and decides, and why a case ends before its minutes are approved

Revision ID: d41c7e0b9a35
Revises: a4c81e5f2d90
"""

import sqlalchemy as sa
from alembic import op

revision = "d41c7e0b9a35"
down_revision = "a4c81e5f2d90"
branch_labels = None
depends_on = None

_WHO = ("opened_by", "outcome_by")
_AT = ("opened_at", "outcome_at")
_WORDS = ("text", "outcome_words")


def upgrade() -> None:
    """What was referred before has no words here: a team was told of it by hand."""
    op.add_column("case_closure", sa.Column("minutes_reason", sa.Text(), nullable=False, server_default=""))
    for words in _WORDS:
        column = sa.Column(words, sa.Text(), nullable=False, server_default="")
        op.add_column("social_care_referral", column)
    for at in _AT:
        op.add_column("social_care_referral", sa.Column(at, sa.DateTime(timezone=True)))
    op.add_column("social_care_referral", sa.Column("outcome", sa.Text()))
    for who in _WHO:
        op.add_column("social_care_referral", sa.Column(who, sa.Uuid()))
        op.create_foreign_key(
            op.f(f"fk_social_care_referral_{who}_app_user"), "social_care_referral", "app_user", [who], ["id"]
        )
    op.add_column("disclosure", sa.Column("social_care_referral_id", sa.Uuid()))
    op.create_foreign_key(
        op.f("fk_disclosure_social_care_referral_id_social_care_referral"),
        *("disclosure", "social_care_referral", ["social_care_referral_id"], ["id"]),
    )
    op.create_index(op.f("ix_disclosure_social_care_referral_id"), "disclosure", ["social_care_referral_id"])


def downgrade() -> None:
    op.drop_column("case_closure", "minutes_reason")
    op.drop_column("disclosure", "social_care_referral_id")
    for name in (*_WHO, "outcome", *_AT, *_WORDS):
        op.drop_column("social_care_referral", name)
