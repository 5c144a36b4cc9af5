"""The outbox beside the page: who was told by each step, and whether the page's words about it are so.

Every team of a story has a name of its own, so that a name on a page is one receiver.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from playwright.sync_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.messages.model import OutboxMessage, Untold
from portal.messages.told import HIDDEN
from portal.policy import current_policy
from portal.records.people.model import Agency, Team, TeamMember
from tests.cast import Cast
from tests.told import look_at

MAIL = "mail"
#: What goes out within it is said to go out now (`portal.messages.told.when_sent`).
NOW = timedelta(minutes=1)
#: Whom those who are told ring back is the one who tells.
_RINGS_BACK = re.compile(r"They are asked to ring .*?: be ready to say who the child is")


def _same(found: set[str], expected: set[str]) -> None:
    assert found == expected, f"beside what was expected {found - expected}; missing {expected - found}"


def name_teams(rows: Session) -> None:
    """Give each team that is called as all others are the name of its agency."""
    for team in rows.scalars(select(Team).filter_by(name="Duty team")):
        team.name = f"{rows.get_one(Agency, team.agency_id).name} team"
    rows.commit()


@dataclass
class Outbox:
    """What was written since one last looked."""

    rows: Session
    cast: Cast
    known: set[UUID] = field(default_factory=set)

    def sent(self, page: Page, *expected: str) -> None:
        """Exactly these e-mails were written since the last look: “nurse level_raised”.

        Args:
            page: the page that the step led to; what it says of telling is compared with all that was
                written, also in the portal and for the morning message.
        """
        found = self._new()
        self._compare(page, found)
        mails = {f"{self._who(one)} {one.kind}" for one in found if one.channel == MAIL}
        _same(mails, set(expected))

    def written(self, page: Page, *expected: str) -> None:
        """Exactly these messages, by every way: “nurse portal entry_opened”."""
        found = self._new()
        self._compare(page, found)
        all_ = {f"{self._who(one)} {one.channel} {one.kind}" for one in found}
        _same(all_, set(expected))

    def skip(self) -> None:
        """What came before the story is nobody's step."""
        self._new()

    def _new(self) -> list[OutboxMessage]:
        self.rows.rollback()
        query = select(OutboxMessage).execution_options(populate_existing=True)
        found = [one for one in look_at(self.rows.scalars(query)) if one.id not in self.known]
        self.known |= {one.id for one in found}
        return found

    def _compare(self, page: Page, found: list[OutboxMessage]) -> None:
        """Each name that the page says is a receiver; whoever is told and not hidden is named; and of
        those that it hides the page says one sentence. An entry for one's own calendar is not told.
        """
        found = [one for one in found if one.recipient_id is None or one.recipient_id != one.caused_by]
        said = _RINGS_BACK.sub("", said_on(page))
        receivers = {self._name(one) for one in found} | self._teams_of(found)
        named = {name for name in self._names().values() if name in said.replace(HIDDEN, "")}
        assert named <= receivers, f"said to be told, and were not: {named - receivers}"
        for one in found:
            rule = self._rule(one)
            if rule is not None and rule.shown and one.channel == MAIL:
                assert self._name(one) in said or " more (" in said, f"{self._name(one)} is not in “{said}”"
            if rule is not None and rule.hidden and self._is_hidden(one, found):
                assert self._name(one) not in said, f"{self._name(one)} is not to be named"
                assert HIDDEN in said
        if not found:
            assert "Told by" not in said
            assert "Told in" not in said
        mails = [one for one in found if one.channel == MAIL]
        assert ("Told by e-mail now" not in said) or any(
            one.not_before <= one.created_at + NOW for one in mails
        )
        assert ("Not told: " in said) is bool(self._untold()), said

    def _teams_of(self, found: list[OutboxMessage]) -> set[str]:
        """The teams of which somebody is told, who stand on the page for their people."""
        people = [one.recipient_id for one in found if one.recipient_id is not None]
        joined = select(Team.name).join(TeamMember, TeamMember.team_id == Team.id)
        return set(self.rows.scalars(joined.where(TeamMember.user_id.in_(people))))

    def _is_hidden(self, one: OutboxMessage, found: list[OutboxMessage]) -> bool:
        """Whether nobody of the same name was told on a ground that the page says."""
        name = self._name(one)
        rules = [self._rule(other) for other in found if self._name(other) == name]
        return not any(rule is not None and rule.shown for rule in rules)

    def _untold(self) -> list[Untold]:
        found = self.rows.scalars(select(Untold).where(Untold.seen_to_at.is_(None))).all()
        fresh = [one for one in found if one.id not in self.known]
        self.known |= {one.id for one in fresh}
        return fresh

    @staticmethod
    def _rule(one: OutboxMessage) -> Any:
        rows = current_policy().telling.of(one.event) if one.event else ()
        return next((row for row in rows if row.to == one.ground), None)

    def _names(self) -> dict[UUID, str]:
        return {one.id: one.name for one in vars(self.cast).values() if not isinstance(one, Agency)}

    def _name(self, one: OutboxMessage) -> str:
        return self._names()[one.recipient_id or one.recipient_team_id]  # type: ignore[index]  # it has one of them

    def _who(self, one: OutboxMessage) -> str:
        return next(
            name
            for name, other in vars(self.cast).items()
            if other.id == (one.recipient_id or one.recipient_team_id)
        )


def said_on(page: Page) -> str:
    """What the banners of a page say, in one line."""
    texts = page.locator(".govuk-notification-banner").all_inner_texts()
    return " ".join(" ".join(texts).split())
