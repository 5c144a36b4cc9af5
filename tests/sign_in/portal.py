"""The portal with a browser in front of it and providers behind it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import Cookie, TestResponse

from portal.access.model import AuditEvent
from portal.records.people.model import SignInSession
from tests.client import Client
from tests.sign_in.providers import Providers


class Refused(NamedTuple):
    """How a sign-in was refused: the status of the page, and the reason in the audit row."""

    status: int
    reason: str | None


@dataclass
class Portal:
    """One browser, and the words of signing in."""

    browser: Client
    providers: Providers
    rows: Session
    answers: list[TestResponse] = field(default_factory=list)

    @property
    def last(self) -> TestResponse:
        """The page on which the last sign-in ended."""
        return self.answers[-1]

    def go_to_provider(
        self, agency: str, subject: str, *, provider: str | None = None, start: str = ""
    ) -> str:
        """Begin to sign in and prove who one is; gives the address on which one comes back."""
        left = self.browser.get(start or f"/sign-in/{agency}")
        assert left.status_code == 303, (
            f"signing in at {agency} answered {left.status_code}: {left.text[:300]}"
        )
        query = self.providers.sign_in(left.headers["Location"], subject)
        return f"/sign-in/return/{provider or agency}?{urlencode(query)}"

    def follow(self, start: str, provider: str, subject: str) -> TestResponse:
        """Sign in from an address of one's own."""
        back = self.go_to_provider(provider, subject, start=start)
        self.answers.append(self.browser.get(back))
        return self.last

    def sign_in(self, agency: str, subject: str, *, provider: str | None = None) -> TestResponse:
        """Sign in, which must work."""
        self.answers.append(self.browser.get(self.go_to_provider(agency, subject, provider=provider)))
        assert self.last.status_code == 303, f"refused: {self.why()}"
        return self.last

    def refused(self, agency: str, subject: str, *, provider: str | None = None) -> Refused:
        """Try to sign in, which must not work."""
        self.answers.append(self.browser.get(self.go_to_provider(agency, subject, provider=provider)))
        assert self.browser.get("/home").status_code == 303, "a refused person has no session"
        return Refused(self.last.status_code, self.why())

    def why(self) -> str | None:
        """Why the last sign-in was refused, as the audit row says."""
        self.rows.rollback()
        return self.rows.scalar(
            select(AuditEvent.ground)
            .where(AuditEvent.action == "session:refused")
            .order_by(AuditEvent.at.desc())
        )

    def token(self) -> str:
        """The session token that the browser holds."""
        cookie = self.browser.get_cookie("portal")
        assert cookie is not None, "nobody is signed in in this browser"
        return cookie.value

    def cookies(self) -> Iterable[Cookie]:
        """Every cookie that the browser holds."""
        return list(self.browser._cookies.values()) if self.browser._cookies else []

    def signed_in_as(self) -> UUID | None:
        """Whose session was opened last."""
        self.rows.rollback()
        return self.rows.scalar(select(SignInSession.user_id).order_by(SignInSession.opened_at.desc()))
