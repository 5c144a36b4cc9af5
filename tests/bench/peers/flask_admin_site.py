"""Flask-Admin over the portal's cases: as its quickstart has it; with what is advised if `PEER=tuned`.

It has no sign-in of its own. Both show the order and the number of rows that the portal's list has.
"""

import os
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, SmallInteger, Text, case, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

TUNED = os.environ["PEER"] == "tuned"

app = Flask(__name__)
app.config.update(SECRET_KEY=os.environ["SECRET_KEY"], SQLALCHEMY_DATABASE_URI=os.environ["DATABASE_URL"])
db = SQLAlchemy(app)


class Agency(db.Model):
    """An agency."""

    __tablename__ = "agency"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]

    def __str__(self) -> str:
        return self.name


class User(db.Model):
    """A person who works."""

    __tablename__ = "app_user"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]

    def __str__(self) -> str:
        return self.name


class Child(db.Model):
    """A child."""

    __tablename__ = "child"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str]
    given_name: Mapped[str]
    family_name: Mapped[str]
    dob: Mapped[date | None]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"


class Case(db.Model):
    """A case."""

    __tablename__ = "cre_case"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str]
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"))
    state: Mapped[str]
    sensitivity: Mapped[int] = mapped_column(SmallInteger)
    sensitivity_reason: Mapped[str]
    level: Mapped[str | None]
    level_since: Mapped[date | None]
    types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    contexts: Mapped[list[str]] = mapped_column(ARRAY(Text))
    authority: Mapped[str | None]
    district: Mapped[str | None]
    lead_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    lead_professional_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    reason: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    next_due_at: Mapped[datetime | None]
    policy_version: Mapped[str]
    version: Mapped[int]
    child: Mapped[Child] = relationship()
    lead_agency: Mapped[Agency] = relationship()
    lead_professional: Mapped[User | None] = relationship()

    @hybrid_property
    def rank(self) -> int:
        """The place of its level in the queue."""
        raise NotImplementedError  # sorted by, never shown

    @rank.inplace.expression
    @classmethod
    def _rank(cls) -> Any:
        if TUNED:
            return func.ctx.queue_rank(cls.state, cls.level)
        return case(
            (cls.state.in_(("closed", "transferred")), 9),
            (cls.level == "high", 1),
            (cls.level.is_(None), 2),
            (cls.level == "medium", 3),
            (cls.level == "low", 4),
            else_=5,
        )


class PlainView(ModelView):
    """What is not said here is as Flask-Admin has it: every column, exact counts, contains for searching."""

    page_size = 50
    can_view_details = True
    column_default_sort = [("rank", False), ("next_due_at", False), ("id", False)]  # noqa: RUF012 - as Flask-Admin wants it
    column_searchable_list = ("reference", "child.given_name", "child.family_name")

    def get_query(self) -> Any:
        """Sealed cases are on nobody's list."""
        return super().get_query().filter(Case.sensitivity < 2)

    def get_count_query(self) -> Any:
        """Likewise."""
        return super().get_count_query().filter(Case.sensitivity < 2)


class TunedView(PlainView):
    """The columns that the portal has, nothing counted, searching by one field, and a filter by an index.

    What is searched for is cast and compared without case, for which only an extension has an index.
    """

    column_list = (
        *("reference", "child", "state", "level", "level_since"),
        *("lead_agency", "lead_professional", "next_due_at"),
    )
    column_filters = ("child.family_name",)
    named_filter_urls = True
    column_searchable_list = ("child.family_name",)
    simple_list_pager = True
    can_create = can_edit = can_delete = False


admin = Admin(app, name="Cases")
admin.add_view((TunedView if TUNED else PlainView)(Case, db))
