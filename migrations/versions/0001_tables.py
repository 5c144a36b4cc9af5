"""The tables of people, children, referrals, cases, sharing and audit

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agency",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=True),
        sa.Column("districts", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["app_user.id"], name=op.f("fk_agency_lead_id"), use_alter=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("code", name=op.f("uq_agency_code")),
    )
    op.create_table(
        "audit_event",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("xact", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("child_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("route", sa.Text(), nullable=True),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seal_number", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index("ix_audit_event_actor", "audit_event", ["actor_id", "at"], unique=False)
    op.create_index("ix_audit_event_case", "audit_event", ["case_id", "at"], unique=False)
    op.create_index("ix_audit_event_child", "audit_event", ["child_id", "at"], unique=False)
    op.create_index("ix_audit_event_seal", "audit_event", ["seal_number"], unique=False)
    op.create_table(
        "audit_seal",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seal")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("tick", sa.Text(), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tick", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "identity_provider",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("secret_name", sa.Text(), nullable=True),
        sa.Column("required_acr", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("required_amr", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("max_age", sa.Integer(), nullable=True),
        sa.Column("is_partnership_default", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"], ["app_user.id"], name=op.f("fk_identity_provider_added_by"), use_alter=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_provider")),
        sa.UniqueConstraint("code", name=op.f("uq_identity_provider_code")),
        sa.UniqueConstraint("issuer", name=op.f("uq_identity_provider_issuer")),
    )
    op.create_table(
        "spent",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_spent")),
        schema="ctx",
    )
    op.create_table(
        "state_transition",
        sa.Column("machine", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("machine", "before", "after", name=op.f("pk_state_transition")),
    )
    op.create_table(
        "agency_provider",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_agency_provider_agency_id")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["identity_provider.id"], name=op.f("fk_agency_provider_provider_id")
        ),
        sa.PrimaryKeyConstraint("agency_id", "provider_id", name=op.f("pk_agency_provider")),
    )
    op.create_table(
        "app_user",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("job_title", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_app_user_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
    )
    op.create_index(op.f("ix_app_user_agency_id"), "app_user", ["agency_id"], unique=False)
    op.create_table(
        "team",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("duty_email", sa.Text(), nullable=False),
        sa.Column("duty_phone", sa.Text(), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_team_agency_id")),
        sa.ForeignKeyConstraint(
            ["manager_id"], ["app_user.id"], name=op.f("fk_team_manager_id"), use_alter=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
    )
    op.create_index(op.f("ix_team_agency_id"), "team", ["agency_id"], unique=False)
    op.create_table(
        "child",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("dob", sa.Date(), nullable=True),
        sa.Column("dob_is_estimate", sa.Boolean(), nullable=False),
        sa.Column("nhs_number", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["app_user.id"], name=op.f("fk_child_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child")),
        sa.UniqueConstraint("reference", name=op.f("uq_child_reference")),
    )
    op.create_index("ix_child_dob", "child", ["dob"], unique=False)
    op.create_index("ix_child_nhs_number", "child", ["nhs_number"], unique=False)
    op.create_table(
        "session",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("provider_session", sa.Text(), nullable=True),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_seconds", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
        schema="ctx",
    )
    op.create_index("ix_session_user_id", "session", ["user_id"], unique=False, schema="ctx")
    op.create_table(
        "role_change",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("roles_before", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("roles_after", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["app_user.id"], name=op.f("fk_role_change_asked_by")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["app_user.id"], name=op.f("fk_role_change_confirmed_by")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_role_change_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_change")),
    )
    op.create_index(op.f("ix_role_change_user_id"), "role_change", ["user_id"], unique=False)
    op.create_table(
        "saved_filter",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_saved_filter_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
    )
    op.create_index(op.f("ix_saved_filter_user_id"), "saved_filter", ["user_id"], unique=False)
    op.create_table(
        "staff_invite",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["invited_by"], ["app_user.id"], name=op.f("fk_staff_invite_invited_by")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_staff_invite_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_invite")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_invite_token_hash")),
    )
    op.create_index(op.f("ix_staff_invite_user_id"), "staff_invite", ["user_id"], unique=False)
    op.create_table(
        "team_member",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_team_member_team_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_team_member_user_id")),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_team_member")),
    )
    op.create_index(op.f("ix_team_member_user_id"), "team_member", ["user_id"], unique=False)
    op.create_table(
        "user_identity",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_user_identity_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_user_identity_issuer_subject")),
    )
    op.create_index(op.f("ix_user_identity_user_id"), "user_identity", ["user_id"], unique=False)
    op.create_table(
        "child_alias",
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_child_alias_agency_id")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_child_alias_child_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_alias")),
    )
    op.create_index(op.f("ix_child_alias_child_id"), "child_alias", ["child_id"], unique=False)
    op.create_table(
        "child_identifier",
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_child_identifier_agency_id")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_child_identifier_child_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_identifier")),
    )
    op.create_index(op.f("ix_child_identifier_child_id"), "child_identifier", ["child_id"], unique=False)
    op.create_index(op.f("ix_child_identifier_value"), "child_identifier", ["value"], unique=False)
    op.create_table(
        "child_link",
        sa.Column("child_a", sa.Uuid(), nullable=False),
        sa.Column("child_b", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("linked_by", sa.Uuid(), nullable=False),
        sa.Column("unlinked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unlinked_by", sa.Uuid(), nullable=True),
        sa.Column("unlink_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["child_a"], ["child.id"], name=op.f("fk_child_link_child_a")),
        sa.ForeignKeyConstraint(["child_b"], ["child.id"], name=op.f("fk_child_link_child_b")),
        sa.ForeignKeyConstraint(["linked_by"], ["app_user.id"], name=op.f("fk_child_link_linked_by")),
        sa.ForeignKeyConstraint(["unlinked_by"], ["app_user.id"], name=op.f("fk_child_link_unlinked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_link")),
    )
    op.create_index(op.f("ix_child_link_child_a"), "child_link", ["child_a"], unique=False)
    op.create_index(op.f("ix_child_link_child_b"), "child_link", ["child_b"], unique=False)
    op.create_table(
        "child_record",
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=True),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("pronouns", sa.Text(), nullable=True),
        sa.Column("ethnicity", sa.Text(), nullable=True),
        sa.Column("religion", sa.Text(), nullable=True),
        sa.Column("first_language", sa.Text(), nullable=True),
        sa.Column("interpreter_needed", sa.Boolean(), nullable=True),
        sa.Column("nationality", sa.Text(), nullable=True),
        sa.Column("immigration", sa.Text(), nullable=True),
        sa.Column("disabilities", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("send", sa.Boolean(), nullable=True),
        sa.Column("ehcp", sa.Boolean(), nullable=True),
        sa.Column("eligibility_basis", sa.Text(), nullable=True),
        sa.Column("eligibility_reason", sa.Text(), nullable=True),
        sa.Column("responsible_authority", sa.Text(), nullable=True),
        sa.Column("host_authority", sa.Text(), nullable=True),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("communication_needs", sa.Text(), nullable=True),
        sa.Column("preferred_contact", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_child_record_child_id")),
        sa.PrimaryKeyConstraint("child_id", name=op.f("pk_child_record")),
    )
    op.create_table(
        "child_scope",
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("reader", sa.Uuid(), nullable=False),
        sa.Column("sees", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["child.id"], name=op.f("fk_child_scope_child_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("child_id", "reader", "sees", name=op.f("pk_child_scope")),
    )
    op.create_index(
        "ix_child_scope_reader",
        "child_scope",
        ["reader", "child_id"],
        unique=False,
        postgresql_include=["sees", "until"],
    )
    op.create_table(
        "child_statement",
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("do_not_disclose", sa.Boolean(), nullable=False),
        sa.Column("named_agencies", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_child_statement_agency_id")),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_child_statement_author_id")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_child_statement_child_id")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["child_statement.id"], name=op.f("fk_child_statement_replaces_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_statement")),
    )
    op.create_index(op.f("ix_child_statement_child_id"), "child_statement", ["child_id"], unique=False)
    op.create_table(
        "child_status",
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_child_status_agency_id")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_child_status_child_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_status")),
    )
    op.create_index(op.f("ix_child_status_child_id"), "child_status", ["child_id"], unique=False)
    op.create_table(
        "cre_case",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sensitivity", sa.SmallInteger(), nullable=False),
        sa.Column("sensitivity_reason", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("level_since", sa.Date(), nullable=True),
        sa.Column("types", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("contexts", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("authority", sa.Text(), nullable=True),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("lead_agency_id", sa.Uuid(), nullable=False),
        sa.Column("lead_professional_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("sensitivity between 0 and 2", name=op.f("ck_cre_case_sensitivity_known")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_cre_case_child_id")),
        sa.ForeignKeyConstraint(["lead_agency_id"], ["agency.id"], name=op.f("fk_cre_case_lead_agency_id")),
        sa.ForeignKeyConstraint(
            ["lead_professional_id"], ["app_user.id"], name=op.f("fk_cre_case_lead_professional_id")
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["app_user.id"], name=op.f("fk_cre_case_opened_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cre_case")),
        sa.UniqueConstraint("reference", name=op.f("uq_cre_case_reference")),
    )
    op.create_index(op.f("ix_cre_case_child_id"), "cre_case", ["child_id"], unique=False)
    op.create_index(
        op.f("ix_cre_case_lead_professional_id"), "cre_case", ["lead_professional_id"], unique=False
    )
    op.create_index(
        "ix_cre_case_sealed", "cre_case", ["id"], unique=False, postgresql_where=sa.text("sensitivity = 2")
    )
    op.create_index(
        "uq_cre_case_open_child",
        "cre_case",
        ["child_id"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('closed', 'transferred')"),
    )
    op.create_table(
        "child_correction",
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("child_version", sa.Integer(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_agency_id", sa.Uuid(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_child_correction_child_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["app_user.id"], name=op.f("fk_child_correction_decided_by")),
        sa.ForeignKeyConstraint(
            ["proposed_agency_id"], ["agency.id"], name=op.f("fk_child_correction_proposed_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["app_user.id"], name=op.f("fk_child_correction_proposed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_correction")),
    )
    op.create_index(
        "ix_child_correction_undecided",
        "child_correction",
        ["child_id"],
        unique=False,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_index(op.f("ix_child_correction_child_id"), "child_correction", ["child_id"], unique=False)
    op.create_table(
        "name_key",
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.Column("from_alias", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_name_key_child_id")),
        sa.PrimaryKeyConstraint("child_id", "key", "from_alias", name=op.f("pk_name_key")),
    )
    op.create_index("ix_name_key_key", "name_key", ["key", "child_id"], unique=False)
    op.create_table(
        "access_grant",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("granted_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_access_grant_case_id")),
        sa.ForeignKeyConstraint(["granted_by"], ["app_user.id"], name=op.f("fk_access_grant_granted_by")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_access_grant_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_grant")),
    )
    op.create_index("ix_access_grant_case", "access_grant", ["case_id"], unique=False)
    op.create_index(op.f("ix_access_grant_user_id"), "access_grant", ["user_id"], unique=False)
    op.create_table(
        "alert",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("child_told", sa.Boolean(), nullable=True),
        sa.Column("told_reason", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_alert_case_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["app_user.id"], name=op.f("fk_alert_ended_by")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_alert_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index(op.f("ix_alert_case_id"), "alert", ["case_id"], unique=False)
    op.create_table(
        "case_notice",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("sensitivity", sa.SmallInteger(), nullable=False),
        sa.Column("lead_agency_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cre_case.id"], name=op.f("fk_case_notice_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lead_agency_id"], ["agency.id"], name=op.f("fk_case_notice_lead_agency_id")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_notice")),
        sa.UniqueConstraint("reference", name=op.f("uq_case_notice_reference")),
    )
    op.create_table(
        "case_scope",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reader", sa.Uuid(), nullable=False),
        sa.Column("sees", sa.SmallInteger(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cre_case.id"], name=op.f("fk_case_scope_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", "reader", name=op.f("pk_case_scope")),
    )
    op.create_index(
        "ix_case_scope_queue",
        "case_scope",
        ["reader", "rank", "due", "case_id"],
        unique=False,
        postgresql_include=["until"],
        postgresql_where=sa.text("sees = 2"),
    )
    op.create_index(
        "ix_case_scope_notice",
        "case_scope",
        ["reader", "case_id"],
        unique=False,
        postgresql_where=sa.text("sees = 1"),
    )
    op.create_table(
        "entry_draft",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_entry_draft_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_entry_draft_case_id")),
        sa.PrimaryKeyConstraint("case_id", "author_id", name=op.f("pk_entry_draft")),
    )
    op.create_table(
        "sensitivity_change",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.SmallInteger(), nullable=False),
        sa.Column("after", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "confirmed_by <> asked_by or after > before", name=op.f("ck_sensitivity_change_two_people_lower")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["app_user.id"], name=op.f("fk_sensitivity_change_asked_by")),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_sensitivity_change_case_id")),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["app_user.id"], name=op.f("fk_sensitivity_change_confirmed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sensitivity_change")),
    )
    op.create_index(op.f("ix_sensitivity_change_case_id"), "sensitivity_change", ["case_id"], unique=False)
    op.create_table(
        "involvement",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "ended_at is null or ended_at >= started_at", name=op.f("ck_involvement_ends_after_start")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_involvement_agency_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_involvement_case_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["app_user.id"], name=op.f("fk_involvement_ended_by")),
        sa.ForeignKeyConstraint(["started_by"], ["app_user.id"], name=op.f("fk_involvement_started_by")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_involvement_team_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["app_user.id"], name=op.f("fk_involvement_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_involvement")),
    )
    op.create_index("ix_involvement_case", "involvement", ["case_id"], unique=False)
    op.create_index("ix_involvement_team", "involvement", ["team_id"], unique=False)
    op.create_index(op.f("ix_involvement_worker_id"), "involvement", ["worker_id"], unique=False)
    op.create_index(
        "uq_involvement_open",
        "involvement",
        ["case_id", "team_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "referral",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author_agency_id", sa.Uuid(), nullable=False),
        sa.Column("author_team_id", sa.Uuid(), nullable=True),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("sender_name", sa.Text(), nullable=True),
        sa.Column("sender_agency_id", sa.Uuid(), nullable=True),
        sa.Column("sender_contact", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("immediate_danger", sa.Boolean(), nullable=True),
        sa.Column("concerns_colleague", sa.Boolean(), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("types", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("what_happened", sa.Text(), nullable=True),
        sa.Column("event_from", sa.Date(), nullable=True),
        sa.Column("event_to", sa.Date(), nullable=True),
        sa.Column("colour", sa.Text(), nullable=True),
        sa.Column("triage_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("from_case_id", sa.Uuid(), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_agency_id"], ["agency.id"], name=op.f("fk_referral_author_agency_id")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_referral_author_id")),
        sa.ForeignKeyConstraint(["author_team_id"], ["team.id"], name=op.f("fk_referral_author_team_id")),
        sa.ForeignKeyConstraint(["claimed_by"], ["app_user.id"], name=op.f("fk_referral_claimed_by")),
        sa.ForeignKeyConstraint(["from_case_id"], ["cre_case.id"], name=op.f("fk_referral_from_case_id")),
        sa.ForeignKeyConstraint(
            ["sender_agency_id"], ["agency.id"], name=op.f("fk_referral_sender_agency_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
        sa.UniqueConstraint("reference", name=op.f("uq_referral_reference")),
    )
    op.create_index(op.f("ix_referral_author_id"), "referral", ["author_id"], unique=False)
    op.create_index(op.f("ix_referral_author_team_id"), "referral", ["author_team_id"], unique=False)
    op.create_index("ix_referral_queue", "referral", ["state", "triage_due_at"], unique=False)
    op.create_table(
        "disclosure",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("giver_agency_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_agency_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_team_id", sa.Uuid(), nullable=True),
        sa.Column("receiver_id", sa.Uuid(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("family_told", sa.Boolean(), nullable=True),
        sa.Column("family_reason", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_disclosure_case_id")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["app_user.id"], name=op.f("fk_disclosure_confirmed_by")),
        sa.ForeignKeyConstraint(
            ["giver_agency_id"], ["agency.id"], name=op.f("fk_disclosure_giver_agency_id")
        ),
        sa.ForeignKeyConstraint(["giver_id"], ["app_user.id"], name=op.f("fk_disclosure_giver_id")),
        sa.ForeignKeyConstraint(
            ["receiver_agency_id"], ["agency.id"], name=op.f("fk_disclosure_receiver_agency_id")
        ),
        sa.ForeignKeyConstraint(["receiver_id"], ["app_user.id"], name=op.f("fk_disclosure_receiver_id")),
        sa.ForeignKeyConstraint(
            ["receiver_team_id"], ["team.id"], name=op.f("fk_disclosure_receiver_team_id")
        ),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_disclosure_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
        sa.UniqueConstraint("reference", name=op.f("uq_disclosure_reference")),
    )
    op.create_index(op.f("ix_disclosure_case_id"), "disclosure", ["case_id"], unique=False)
    op.create_index(
        "ix_disclosure_receiver", "disclosure", ["receiver_team_id", "confirmed_at"], unique=False
    )
    op.create_index(
        op.f("ix_disclosure_receiver_agency_id"), "disclosure", ["receiver_agency_id"], unique=False
    )
    op.create_index(op.f("ix_disclosure_receiver_id"), "disclosure", ["receiver_id"], unique=False)
    op.create_index(op.f("ix_disclosure_referral_id"), "disclosure", ["referral_id"], unique=False)
    op.create_table(
        "draft_opening",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["manager_id"], ["app_user.id"], name=op.f("fk_draft_opening_manager_id")),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_draft_opening_referral_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_opening")),
        sa.UniqueConstraint("referral_id", name=op.f("uq_draft_opening_referral_id")),
    )
    op.create_table(
        "feedback",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_feedback_author_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_feedback_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    op.create_index(op.f("ix_feedback_referral_id"), "feedback", ["referral_id"], unique=False)
    op.create_table(
        "information_request",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("asked_agency_id", sa.Uuid(), nullable=False),
        sa.Column("asked_team_id", sa.Uuid(), nullable=True),
        sa.Column("asked_user_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reach_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "asked_team_id is not null or asked_user_id is not null",
            name=op.f("ck_information_request_asks_someone"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_agency_id"], ["agency.id"], name=op.f("fk_information_request_asked_agency_id")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["app_user.id"], name=op.f("fk_information_request_asked_by")),
        sa.ForeignKeyConstraint(
            ["asked_team_id"], ["team.id"], name=op.f("fk_information_request_asked_team_id")
        ),
        sa.ForeignKeyConstraint(
            ["asked_user_id"], ["app_user.id"], name=op.f("fk_information_request_asked_user_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_information_request_case_id")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_information_request_child_id")),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_information_request_referral_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_information_request")),
        sa.UniqueConstraint("reference", name=op.f("uq_information_request_reference")),
    )
    op.create_index(
        op.f("ix_information_request_asked_team_id"), "information_request", ["asked_team_id"], unique=False
    )
    op.create_index(
        op.f("ix_information_request_asked_user_id"), "information_request", ["asked_user_id"], unique=False
    )
    op.create_index(op.f("ix_information_request_case_id"), "information_request", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_information_request_child_id"), "information_request", ["child_id"], unique=False
    )
    op.create_index(
        op.f("ix_information_request_referral_id"), "information_request", ["referral_id"], unique=False
    )
    op.create_table(
        "referral_colour",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_policy", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_referral_colour_referral_id")
        ),
        sa.ForeignKeyConstraint(["set_by"], ["app_user.id"], name=op.f("fk_referral_colour_set_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_colour")),
    )
    op.create_index(op.f("ix_referral_colour_referral_id"), "referral_colour", ["referral_id"], unique=False)
    op.create_table(
        "referral_handover",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=True),
        sa.Column("to_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["from_id"], ["app_user.id"], name=op.f("fk_referral_handover_from_id")),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_referral_handover_referral_id")
        ),
        sa.ForeignKeyConstraint(["to_id"], ["app_user.id"], name=op.f("fk_referral_handover_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_handover")),
    )
    op.create_index(
        op.f("ix_referral_handover_referral_id"), "referral_handover", ["referral_id"], unique=False
    )
    op.create_table(
        "referral_message",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("from_hub", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asks_reply", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_referral_message_author_id")),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_referral_message_referral_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_message")),
    )
    op.create_index(
        op.f("ix_referral_message_referral_id"), "referral_message", ["referral_id"], unique=False
    )
    op.create_table(
        "referral_notice",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author_team_id", sa.Uuid(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("passed_on", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_referral_notice_author_id")),
        sa.ForeignKeyConstraint(
            ["author_team_id"], ["team.id"], name=op.f("fk_referral_notice_author_team_id")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_referral_notice_referral_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_referral_notice")),
    )
    op.create_table(
        "referral_presence",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_referral_presence_referral_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_referral_presence_user_id")),
        sa.PrimaryKeyConstraint("referral_id", "user_id", name=op.f("pk_referral_presence")),
    )
    op.create_table(
        "referral_reading",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_referral_reading_referral_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_referral_reading_user_id")),
        sa.PrimaryKeyConstraint("referral_id", "user_id", name=op.f("pk_referral_reading")),
    )
    op.create_table(
        "referral_seal",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cre_case.id"], name=op.f("fk_referral_seal_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_referral_seal_referral_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("referral_id", "case_id", name=op.f("pk_referral_seal")),
    )
    op.create_index(op.f("ix_referral_seal_case_id"), "referral_seal", ["case_id"], unique=False)
    op.create_table(
        "referral_source",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at_risk_if_revealed", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_referral_source_referral_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_referral_source")),
    )
    op.create_table(
        "referral_subject",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_referral_subject_referral_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_subject")),
    )
    op.create_index(
        op.f("ix_referral_subject_referral_id"), "referral_subject", ["referral_id"], unique=False
    )
    op.create_table(
        "chronology_entry",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handling", sa.Text(), nullable=False),
        sa.Column("listed_agencies", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("family_safe", sa.Text(), nullable=False),
        sa.Column("critical_moment", sa.Text(), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("correction_reason", sa.Text(), nullable=True),
        sa.Column("disclosure_id", sa.Uuid(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_chronology_entry_agency_id")),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_chronology_entry_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_chronology_entry_case_id")),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["chronology_entry.id"], name=op.f("fk_chronology_entry_corrects_id")
        ),
        sa.ForeignKeyConstraint(
            ["disclosure_id"], ["disclosure.id"], name=op.f("fk_chronology_entry_disclosure_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chronology_entry")),
    )
    op.create_index(
        "ix_chronology_entry_case", "chronology_entry", ["case_id", "happened_at", "id"], unique=False
    )
    op.create_index(
        "ix_chronology_entry_corrects",
        "chronology_entry",
        ["corrects_id"],
        unique=False,
        postgresql_where=sa.text("corrects_id IS NOT NULL"),
    )
    op.create_table(
        "deadline",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("disclosure_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("owner_team_id", sa.Uuid(), nullable=True),
        sa.Column("owner_agency_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("original_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("move_reason", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(case_id is not null)::int + (referral_id is not null)::int + (disclosure_id is not null)::int + (request_id is not null)::int >= 1",
            name=op.f("ck_deadline_has_a_subject"),
        ),
        sa.CheckConstraint(
            "owner_id is not null or owner_team_id is not null or owner_agency_id is not null",
            name=op.f("ck_deadline_has_an_owner"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_deadline_case_id")),
        sa.ForeignKeyConstraint(["disclosure_id"], ["disclosure.id"], name=op.f("fk_deadline_disclosure_id")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_deadline_owner_agency_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_deadline_owner_id")),
        sa.ForeignKeyConstraint(["owner_team_id"], ["team.id"], name=op.f("fk_deadline_owner_team_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_deadline_referral_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["information_request.id"], name=op.f("fk_deadline_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline")),
    )
    op.create_index(op.f("ix_deadline_case_id"), "deadline", ["case_id"], unique=False)
    op.create_index(op.f("ix_deadline_disclosure_id"), "deadline", ["disclosure_id"], unique=False)
    op.create_index(
        "ix_deadline_open", "deadline", ["due_at"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index("ix_deadline_owner", "deadline", ["owner_id", "state", "due_at"], unique=False)
    op.create_index("ix_deadline_owner_team", "deadline", ["owner_team_id", "state", "due_at"], unique=False)
    op.create_index(op.f("ix_deadline_referral_id"), "deadline", ["referral_id"], unique=False)
    op.create_index(op.f("ix_deadline_request_id"), "deadline", ["request_id"], unique=False)
    op.create_index("ix_deadline_subject", "deadline", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "disclosure_child",
        sa.Column("disclosure_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_disclosure_child_child_id")),
        sa.ForeignKeyConstraint(
            ["disclosure_id"], ["disclosure.id"], name=op.f("fk_disclosure_child_disclosure_id")
        ),
        sa.PrimaryKeyConstraint("disclosure_id", "child_id", name=op.f("pk_disclosure_child")),
    )
    op.create_index(op.f("ix_disclosure_child_child_id"), "disclosure_child", ["child_id"], unique=False)
    op.create_table(
        "disclosure_text",
        sa.Column("disclosure_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["disclosure_id"], ["disclosure.id"], name=op.f("fk_disclosure_text_disclosure_id")
        ),
        sa.PrimaryKeyConstraint("disclosure_id", name=op.f("pk_disclosure_text")),
    )
    op.create_table(
        "information_answer",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("nothing_held", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("handling", sa.Text(), nullable=False),
        sa.Column("listed_agencies", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_information_answer_agency_id")),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_information_answer_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_information_answer_case_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["information_request.id"], name=op.f("fk_information_answer_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_information_answer")),
    )
    op.create_index(op.f("ix_information_answer_case_id"), "information_answer", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_information_answer_request_id"), "information_answer", ["request_id"], unique=False
    )
    op.create_table(
        "intelligence_report",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("source_grade", sa.Text(), nullable=False),
        sa.Column("information_grade", sa.Text(), nullable=False),
        sa.Column("handling_code", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("sanitised_text", sa.Text(), nullable=False),
        sa.Column("graded_by", sa.Uuid(), nullable=False),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["graded_by"], ["app_user.id"], name=op.f("fk_intelligence_report_graded_by")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_intelligence_report_referral_id")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["intelligence_report.id"], name=op.f("fk_intelligence_report_replaced_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["referral_subject.id"], name=op.f("fk_intelligence_report_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intelligence_report")),
        sa.UniqueConstraint("reference", name=op.f("uq_intelligence_report_reference")),
    )
    op.create_index(
        op.f("ix_intelligence_report_referral_id"), "intelligence_report", ["referral_id"], unique=False
    )
    op.create_table(
        "referral_child",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("matched_by", sa.Uuid(), nullable=True),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_referral_child_child_id")),
        sa.ForeignKeyConstraint(["matched_by"], ["app_user.id"], name=op.f("fk_referral_child_matched_by")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_referral_child_referral_id")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["referral_subject.id"], name=op.f("fk_referral_child_subject_id")
        ),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_referral_child")),
    )
    op.create_index(op.f("ix_referral_child_child_id"), "referral_child", ["child_id"], unique=False)
    op.create_index(op.f("ix_referral_child_referral_id"), "referral_child", ["referral_id"], unique=False)
    op.create_table(
        "triage_decision",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("duplicate_of_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reopened_by", sa.Uuid(), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopen_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_triage_decision_case_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["app_user.id"], name=op.f("fk_triage_decision_decided_by")),
        sa.ForeignKeyConstraint(
            ["duplicate_of_id"], ["referral.id"], name=op.f("fk_triage_decision_duplicate_of_id")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_triage_decision_referral_id")
        ),
        sa.ForeignKeyConstraint(
            ["reopened_by"], ["app_user.id"], name=op.f("fk_triage_decision_reopened_by")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["referral_subject.id"], name=op.f("fk_triage_decision_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triage_decision")),
    )
    op.create_index(op.f("ix_triage_decision_case_id"), "triage_decision", ["case_id"], unique=False)
    op.create_index(op.f("ix_triage_decision_referral_id"), "triage_decision", ["referral_id"], unique=False)
    op.create_table(
        "social_care_referral",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("front_door_reference", sa.Text(), nullable=True),
        sa.Column("call_with", sa.Text(), nullable=True),
        sa.Column("call_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["app_user.id"], name=op.f("fk_social_care_referral_confirmed_by")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["triage_decision.id"], name=op.f("fk_social_care_referral_decision_id")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["app_user.id"], name=op.f("fk_social_care_referral_made_by")),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_social_care_referral_referral_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_social_care_referral")),
    )
    op.create_index(
        op.f("ix_social_care_referral_referral_id"), "social_care_referral", ["referral_id"], unique=False
    )
    op.create_foreign_key(op.f("fk_agency_lead_id"), "agency", "app_user", ["lead_id"], ["id"])
    op.create_foreign_key(
        op.f("fk_identity_provider_added_by"), "identity_provider", "app_user", ["added_by"], ["id"]
    )
    op.create_foreign_key(op.f("fk_team_manager_id"), "team", "app_user", ["manager_id"], ["id"])


def downgrade() -> None:
    op.drop_constraint(op.f("fk_agency_lead_id"), "agency")
    op.drop_constraint(op.f("fk_team_manager_id"), "team")
    op.drop_constraint(op.f("fk_identity_provider_added_by"), "identity_provider")
    op.drop_index(op.f("ix_social_care_referral_referral_id"), table_name="social_care_referral")
    op.drop_table("social_care_referral")
    op.drop_index(op.f("ix_triage_decision_referral_id"), table_name="triage_decision")
    op.drop_index(op.f("ix_triage_decision_case_id"), table_name="triage_decision")
    op.drop_table("triage_decision")
    op.drop_index(op.f("ix_referral_child_referral_id"), table_name="referral_child")
    op.drop_index(op.f("ix_referral_child_child_id"), table_name="referral_child")
    op.drop_table("referral_child")
    op.drop_index(op.f("ix_intelligence_report_referral_id"), table_name="intelligence_report")
    op.drop_table("intelligence_report")
    op.drop_index(op.f("ix_information_answer_request_id"), table_name="information_answer")
    op.drop_index(op.f("ix_information_answer_case_id"), table_name="information_answer")
    op.drop_table("information_answer")
    op.drop_table("disclosure_text")
    op.drop_index(op.f("ix_disclosure_child_child_id"), table_name="disclosure_child")
    op.drop_table("disclosure_child")
    op.drop_index("ix_deadline_subject", table_name="deadline")
    op.drop_index(op.f("ix_deadline_request_id"), table_name="deadline")
    op.drop_index(op.f("ix_deadline_referral_id"), table_name="deadline")
    op.drop_index("ix_deadline_owner_team", table_name="deadline")
    op.drop_index("ix_deadline_owner", table_name="deadline")
    op.drop_index("ix_deadline_open", table_name="deadline", postgresql_where=sa.text("state = 'open'"))
    op.drop_index(op.f("ix_deadline_disclosure_id"), table_name="deadline")
    op.drop_index(op.f("ix_deadline_case_id"), table_name="deadline")
    op.drop_table("deadline")
    op.drop_index(
        "ix_chronology_entry_corrects",
        table_name="chronology_entry",
        postgresql_where=sa.text("corrects_id IS NOT NULL"),
    )
    op.drop_index("ix_chronology_entry_case", table_name="chronology_entry")
    op.drop_table("chronology_entry")
    op.drop_index(op.f("ix_referral_subject_referral_id"), table_name="referral_subject")
    op.drop_table("referral_subject")
    op.drop_table("referral_source")
    op.drop_index(op.f("ix_referral_seal_case_id"), table_name="referral_seal")
    op.drop_table("referral_seal")
    op.drop_table("referral_reading")
    op.drop_table("referral_presence")
    op.drop_table("referral_notice")
    op.drop_index(op.f("ix_referral_message_referral_id"), table_name="referral_message")
    op.drop_table("referral_message")
    op.drop_index(op.f("ix_referral_handover_referral_id"), table_name="referral_handover")
    op.drop_table("referral_handover")
    op.drop_index(op.f("ix_referral_colour_referral_id"), table_name="referral_colour")
    op.drop_table("referral_colour")
    op.drop_index(op.f("ix_information_request_referral_id"), table_name="information_request")
    op.drop_index(op.f("ix_information_request_child_id"), table_name="information_request")
    op.drop_index(op.f("ix_information_request_case_id"), table_name="information_request")
    op.drop_index(op.f("ix_information_request_asked_user_id"), table_name="information_request")
    op.drop_index(op.f("ix_information_request_asked_team_id"), table_name="information_request")
    op.drop_table("information_request")
    op.drop_index(op.f("ix_feedback_referral_id"), table_name="feedback")
    op.drop_table("feedback")
    op.drop_table("draft_opening")
    op.drop_index(op.f("ix_disclosure_referral_id"), table_name="disclosure")
    op.drop_index(op.f("ix_disclosure_receiver_id"), table_name="disclosure")
    op.drop_index(op.f("ix_disclosure_receiver_agency_id"), table_name="disclosure")
    op.drop_index("ix_disclosure_receiver", table_name="disclosure")
    op.drop_index(op.f("ix_disclosure_case_id"), table_name="disclosure")
    op.drop_table("disclosure")
    op.drop_index("ix_referral_queue", table_name="referral")
    op.drop_index(op.f("ix_referral_author_team_id"), table_name="referral")
    op.drop_index(op.f("ix_referral_author_id"), table_name="referral")
    op.drop_table("referral")
    op.drop_index(
        "uq_involvement_open", table_name="involvement", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index(op.f("ix_involvement_worker_id"), table_name="involvement")
    op.drop_index("ix_involvement_team", table_name="involvement")
    op.drop_index("ix_involvement_case", table_name="involvement")
    op.drop_table("involvement")
    op.drop_index(op.f("ix_sensitivity_change_case_id"), table_name="sensitivity_change")
    op.drop_table("sensitivity_change")
    op.drop_table("entry_draft")
    op.drop_index("ix_case_scope_notice", table_name="case_scope", postgresql_where=sa.text("sees = 1"))
    op.drop_index(
        "ix_case_scope_queue",
        table_name="case_scope",
        postgresql_include=["until"],
        postgresql_where=sa.text("sees = 2"),
    )
    op.drop_table("case_scope")
    op.drop_table("case_notice")
    op.drop_index(op.f("ix_alert_case_id"), table_name="alert")
    op.drop_table("alert")
    op.drop_index(op.f("ix_access_grant_user_id"), table_name="access_grant")
    op.drop_index("ix_access_grant_case", table_name="access_grant")
    op.drop_table("access_grant")
    op.drop_index(op.f("ix_child_correction_child_id"), table_name="child_correction")
    op.drop_index(
        "ix_child_correction_undecided",
        table_name="child_correction",
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.drop_table("child_correction")
    op.drop_index("ix_name_key_key", table_name="name_key")
    op.drop_table("name_key")
    op.drop_index(
        "uq_cre_case_open_child",
        table_name="cre_case",
        postgresql_where=sa.text("state NOT IN ('closed', 'transferred')"),
    )
    op.drop_index("ix_cre_case_sealed", table_name="cre_case", postgresql_where=sa.text("sensitivity = 2"))
    op.drop_index(op.f("ix_cre_case_lead_professional_id"), table_name="cre_case")
    op.drop_index(op.f("ix_cre_case_child_id"), table_name="cre_case")
    op.drop_table("cre_case")
    op.drop_index(op.f("ix_child_status_child_id"), table_name="child_status")
    op.drop_table("child_status")
    op.drop_index(op.f("ix_child_statement_child_id"), table_name="child_statement")
    op.drop_table("child_statement")
    op.drop_index("ix_child_scope_reader", table_name="child_scope", postgresql_include=["sees", "until"])
    op.drop_table("child_scope")
    op.drop_table("child_record")
    op.drop_index(op.f("ix_child_link_child_b"), table_name="child_link")
    op.drop_index(op.f("ix_child_link_child_a"), table_name="child_link")
    op.drop_table("child_link")
    op.drop_index(op.f("ix_child_identifier_value"), table_name="child_identifier")
    op.drop_index(op.f("ix_child_identifier_child_id"), table_name="child_identifier")
    op.drop_table("child_identifier")
    op.drop_index(op.f("ix_child_alias_child_id"), table_name="child_alias")
    op.drop_table("child_alias")
    op.drop_index(op.f("ix_user_identity_user_id"), table_name="user_identity")
    op.drop_table("user_identity")
    op.drop_index(op.f("ix_team_member_user_id"), table_name="team_member")
    op.drop_table("team_member")
    op.drop_index(op.f("ix_staff_invite_user_id"), table_name="staff_invite")
    op.drop_table("staff_invite")
    op.drop_index(op.f("ix_saved_filter_user_id"), table_name="saved_filter")
    op.drop_table("saved_filter")
    op.drop_index(op.f("ix_role_change_user_id"), table_name="role_change")
    op.drop_table("role_change")
    op.drop_index("ix_session_user_id", table_name="session", schema="ctx")
    op.drop_table("session", schema="ctx")
    op.drop_table("spent", schema="ctx")
    op.drop_index("ix_child_nhs_number", table_name="child")
    op.drop_index("ix_child_dob", table_name="child")
    op.drop_table("child")
    op.drop_index(op.f("ix_team_agency_id"), table_name="team")
    op.drop_table("team")
    op.drop_index(op.f("ix_app_user_agency_id"), table_name="app_user")
    op.drop_table("app_user")
    op.drop_table("agency_provider")
    op.drop_table("state_transition")
    op.drop_table("identity_provider")
    op.drop_table("heartbeat")
    op.drop_table("audit_seal")
    op.drop_index("ix_audit_event_seal", table_name="audit_event")
    op.drop_index("ix_audit_event_child", table_name="audit_event")
    op.drop_index("ix_audit_event_case", table_name="audit_event")
    op.drop_index("ix_audit_event_actor", table_name="audit_event")
    op.drop_table("audit_event")
    op.drop_table("agency")
