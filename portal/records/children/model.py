"""Children. Identity and record are rows of two tables, because row security cannot hide a column."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Authored, Identified, Model, Referenced, Stamped, Versioned, index_where


class Child(Identified, Referenced, Stamped, Versioned, Model):
    """Who a child is: what someone who is asked about them needs, and no more."""

    __tablename__ = "child"
    __table_args__ = (Index("ix_child_nhs_number", "nhs_number"), Index("ix_child_dob", "dob"))
    given_name: Mapped[str]
    family_name: Mapped[str]
    dob: Mapped[date | None]
    dob_is_estimate: Mapped[bool] = mapped_column(default=False)
    nhs_number: Mapped[str | None]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))


class ChildRecord(Versioned, Model):
    """What the network knows of a child beyond identity."""

    __tablename__ = "child_record"
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), primary_key=True)
    sex: Mapped[str | None]
    gender: Mapped[str | None]
    pronouns: Mapped[str | None]
    ethnicity: Mapped[str | None]
    religion: Mapped[str | None]
    first_language: Mapped[str | None]
    interpreter_needed: Mapped[bool | None]
    nationality: Mapped[str | None]
    immigration: Mapped[str | None]
    disabilities: Mapped[list[str]] = mapped_column(default=list)
    send: Mapped[bool | None]
    ehcp: Mapped[bool | None]
    eligibility_basis: Mapped[str | None]
    eligibility_reason: Mapped[str | None]
    responsible_authority: Mapped[str | None]
    host_authority: Mapped[str | None]
    district: Mapped[str | None]
    communication_needs: Mapped[str | None]
    preferred_contact: Mapped[str | None]


class ChildIdentifier(Identified, Stamped, Model):
    """The child's number in another system: UPN, social care, police, youth justice."""

    __tablename__ = "child_identifier"
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    scheme: Mapped[str]
    value: Mapped[str] = mapped_column(index=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    ended_at: Mapped[datetime | None]


class ChildAlias(Identified, Stamped, Model):
    """Another name by which a child is known."""

    __tablename__ = "child_alias"
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    name: Mapped[str]
    kind: Mapped[str]
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))


class NameKey(Model):
    """A searchable form of a name: search by equality and range keeps its index under row security."""

    __tablename__ = "name_key"
    __table_args__ = (Index("ix_name_key_key", "key", "child_id"),)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), primary_key=True)
    key: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)  # ranges need code-point order
    from_alias: Mapped[bool] = mapped_column(primary_key=True, default=False)


class SearchKeyRules(Model):
    """By which rules the keys of a kind of record were made: after a change they are made anew."""

    __tablename__ = "search_key_rules"
    kind: Mapped[str] = mapped_column(primary_key=True)  # the name of its table
    rules: Mapped[str]
    renewed_at: Mapped[datetime]


class ChildStatement(Identified, Authored, Stamped, Model):
    """What one agency says is so from a date: an address, phone, school, GP, carer. Never overwritten."""

    __tablename__ = "child_statement"
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    kind: Mapped[str]
    code: Mapped[str | None]  # what sort of address, phone, attendance or relationship: policy people
    value: Mapped[str]
    postcode: Mapped[str | None]
    detail: Mapped[str | None]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    do_not_disclose: Mapped[bool] = mapped_column(default=False)
    named_agencies: Mapped[list[UUID]] = mapped_column(default=list)
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("child_statement.id"), index=True)
    sender: Mapped[str] = mapped_column(default="")  # whose words they are, of an information form
    sent_on: Mapped[date | None]  # the day on which that form came


class HeldWords(Identified, Model):
    """Why words about a child may stand that look like what must not be disclosed. The database writes it."""

    __tablename__ = "held_words"
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    kinds: Mapped[list[str]]  # of statements: what they look like
    page: Mapped[str]  # the endpoint at which they were typed
    reason: Mapped[str]
    said_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    said_at: Mapped[datetime]


class StatementRelease(Identified, Model):
    """Why an agency lets a statement of its own be seen that was held back, or that an alert holds back."""

    __tablename__ = "statement_release"
    statement_id: Mapped[UUID] = mapped_column(ForeignKey("child_statement.id"), index=True)
    reason: Mapped[str]
    released_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    released_at: Mapped[datetime]


class ChildStatus(Identified, Stamped, Model):
    """Early help, child in need, CP plan, looked after: beside the CRE status, never instead."""

    __tablename__ = "child_status"
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    status: Mapped[str]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))


class ChildCorrection(Identified, Stamped, Model):
    """A correction of a child's identity or record, proposed or made. What was said before stays here."""

    __tablename__ = "child_correction"
    __table_args__ = (index_where("ix_child_correction_undecided", "child_id", where="decided_at IS NULL"),)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    part: Mapped[str]  # identity or record
    child_version: Mapped[int]  # the version of that part that it corrects
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    reason: Mapped[str]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    proposed_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    accepted: Mapped[bool | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]


class ChildLink(Identified, Stamped, Model):
    """Two records found to be the same child. Linked, not merged, so that it can be undone."""

    __tablename__ = "child_link"
    child_a: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    child_b: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    reason: Mapped[str]
    linked_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    unlinked_at: Mapped[datetime | None]
    unlinked_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    unlink_reason: Mapped[str | None]


class ChildScope(Model):
    """Who reaches a child: 1 identity, 2 record too. Kept by triggers; the policies read it.

    A reader has two rows where identity outlasts the record.
    """

    __tablename__ = "child_scope"
    __table_args__ = (
        Index("ix_child_scope_reader", "reader", "child_id", postgresql_include=["sees", "until"]),
    )
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id", ondelete="CASCADE"), primary_key=True)
    reader: Mapped[UUID] = mapped_column(primary_key=True)
    sees: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    until: Mapped[datetime]
