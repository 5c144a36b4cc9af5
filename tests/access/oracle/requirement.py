"""The section “Who sees what” of the design, said again in Python, slowly and without a database.

Written from the words, not from the policies: where the two differ, one of them is wrong. Every rule takes
the person who is asking and a row, and answers whether they may see it.
"""

from collections.abc import Callable
from enum import IntEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from tests.access.oracle import by_hand, gatherings, moments, panels, picture, planning
from tests.access.oracle.tables import SENT, rules
from tests.access.oracle.truth import Truth

NORMAL, RESTRICTED, SEALED = 0, 1, 2

R = Row[Any]


class Reach(IntEnum):
    NONE = 0
    NOTICE = 1
    FULL = 2


class Person:
    """Who is asking, or nobody, and what the design lets them see at the moment of `truth`."""

    def __init__(
        self,
        truth: Truth,
        user_id: UUID | None,
        given_in: dict[UUID, UUID],
        session_id: UUID | None = None,
    ) -> None:
        """
        Args:
            user_id: the person; None for nobody.
            given_in: for each grant, the agency of which the person was a member when it was given.
            session_id: the sign-in in which they ask; None for nobody.
        """
        self.truth = truth
        self.given_in = given_in
        self.session_id = session_id
        self.user = truth.one("app_user", user_id) if user_id else None
        self.roles: frozenset[str] = frozenset(self.user.roles) if self.user else frozenset()
        self._reach: dict[UUID, Reach] = {}
        self._rules = rules(self)

    # --- who they are -------------------------------------------------------------------------------

    @property
    def id(self) -> UUID | None:
        return self.user.id if self.user else None

    @property
    def agency_id(self) -> UUID | None:
        return self.user.agency_id if self.user else None

    def has(self, role: str) -> bool:
        return role in self.roles

    @cached_property
    def is_coordinator(self) -> bool:
        """The hub is an agency of its own: its members hold `coordinator`."""
        return (
            self.user is not None
            and self.has("coordinator")
            and self.truth.one("agency", self.user.agency_id).sector == "hub"
        )

    @cached_property
    def teams(self) -> frozenset[UUID]:
        """The teams in use of their present agency that they work in (practitioner, chair, manager)."""
        if self.user is None or not self.roles & {"practitioner", "chair", "manager"}:
            return frozenset()
        return frozenset(
            member.team_id
            for member in self.truth.where("team_member", "user_id", self.user.id)
            if (team := self.truth.one("team", member.team_id)).active and team.agency_id == self.agency_id
        )

    def sees_cases(self) -> bool:
        """An administrator reaches nothing of a case, whatever else they are given."""
        return self.user is not None and not self.has("administrator")

    @property
    def practises(self) -> bool:
        """Holds a role of those who work with cases."""
        works = self.roles & {"practitioner", "chair", "manager"}
        return self.user is not None and self.sees_cases() and bool(works)

    def manages(self, team_id: UUID | None) -> bool:
        """A team has a manager, of the same agency."""
        return (
            team_id is not None
            and self.has("manager")
            and (team := self.truth.one("team", team_id)).manager_id == self.id
            and team.agency_id == self.agency_id
        )

    def answers_for_looks_of(self, user_id: UUID) -> bool:
        """What somebody looked at, and why: themselves, the manager of a team of theirs, governance."""
        teams = self.truth.where("team_member", "user_id", user_id)
        return self.user is not None and (
            user_id == self.id or self.has("governance") or any(self.manages(one.team_id) for one in teams)
        )

    def manages_agency(self, agency_id: UUID) -> bool:
        return self.has("manager") and self.sees_cases() and agency_id == self.agency_id

    # --- the table of reach -------------------------------------------------------------------------

    def reach(self, case_id: UUID) -> Reach:
        """The highest ground that applies."""
        if case_id not in self._reach:
            self._reach[case_id] = self._reckon(self.truth.one("cre_case", case_id))
        return self._reach[case_id]

    def full(self, case_id: UUID | None) -> bool:
        return case_id is not None and self.reach(case_id) is Reach.FULL

    def _reckon(self, case: R) -> Reach:
        if not self.sees_cases():
            return Reach.NONE
        if any(self._grant_holds(grant) for grant in self.truth.where("access_grant", "case_id", case.id)):
            return Reach.FULL
        if self.is_coordinator and case.sensitivity < SEALED:
            return Reach.FULL
        if any(self._works_through(i) for i in self.truth.where("involvement", "case_id", case.id)):
            by_sensitivity = {NORMAL: Reach.FULL, RESTRICTED: Reach.NOTICE, SEALED: Reach.NONE}
            if (found := by_sensitivity[case.sensitivity]) is not Reach.NONE:
                return found
        return Reach.NOTICE if self.has("governance") else Reach.NONE

    def _grant_holds(self, grant: R) -> bool:
        return (
            grant.user_id == self.id
            and (grant.ends_at is None or grant.ends_at > self.truth.now)
            and self.given_in.get(grant.id, self.agency_id) == self.agency_id
        )

    def _works_through(self, involvement: R) -> bool:
        current = involvement.ended_at is None or involvement.ended_at > self.truth.now
        return current and (involvement.team_id in self.teams or self.manages_agency(involvement.agency_id))

    # --- children -----------------------------------------------------------------------------------

    def held_by(self, child_id: UUID) -> list[R]:
        """The cases by which a record is held: its own. One that never had any is as closed as the records
        that it is said to be the same as, also by way of another: by their cases that are held closely.
        """
        own = self.truth.where("cre_case", "child_id", child_id)
        others = [] if own else self.truth.same(child_id)
        linked = (case for one in others for case in self.truth.where("cre_case", "child_id", one))
        return own or [case for case in linked if case.sensitivity > NORMAL]

    def held(self, child_id: UUID) -> int:
        """How closely the most closely held of those is held."""
        return max((case.sensitivity for case in self.held_by(child_id)), default=0)

    def record(self, child_id: UUID) -> bool:
        """Full reach on the child's most closely held case; coordinators unless that one is sealed."""
        held = self.held(child_id)
        if self.is_coordinator and self.sees_cases() and held < SEALED:
            return True
        return any(self.full(case.id) for case in self.held_by(child_id) if case.sensitivity == held)

    def identity(self, child_id: UUID) -> bool:
        """Full or request reach (asked, invited, an action of theirs), or a disclosure of that child."""
        return (
            self.record(child_id)
            or any(self.full(case.id) for case in self.held_by(child_id))
            or any(self.asked(r) for r in self.truth.where("information_request", "child_id", child_id))
            or any(planning.owns(self, a) for a in self.truth.where("action", "child_id", child_id))
            or any(
                not self.held(child_id) and not e.withdrawn_at and picture.hears_of(self, e)
                for e in self.truth.where("missing_episode", "child_id", child_id)
            )
            or any(
                gatherings.invited_for(self, covered)
                for covered in self.truth.where("meeting_case", "child_id", child_id)
            )
            or any(
                self.told(telling) and not telling.of_joining
                for covered in self.truth.where("disclosure_child", "child_id", child_id)
                for telling in [self.truth.one("disclosure", covered.disclosure_id)]
            )
        )

    def asked(self, request: R) -> bool:
        """Asked, until reach ends; of a sealed case only a named person can be asked."""
        if not self.sees_cases() or request.withdrawn_at is not None:
            return False
        if request.reach_until is not None and request.reach_until <= self.truth.now:
            return False
        if request.asked_user_id is not None:
            return bool(request.asked_user_id == self.id and request.asked_agency_id == self.agency_id)
        return request.asked_team_id in self.teams and self.held(request.child_id) < SEALED

    def told(self, disclosure: R) -> bool:
        """The receiver: a named person, else the team and the managers of its agency. A refusal has none."""
        if not self.sees_cases() or disclosure.withdrawn_at is not None or disclosure.decision == "refuse":
            return False
        if disclosure.receiver_id is not None:
            return bool(disclosure.receiver_id == self.id and disclosure.receiver_agency_id == self.agency_id)
        return disclosure.receiver_team_id in self.teams or self.manages_agency(disclosure.receiver_agency_id)

    def may_know_of(self, disclosure: R) -> bool:
        """That a team joined a case says that there is one: it is for those who know of the case."""
        return not disclosure.of_joining or self.reach(disclosure.case_id) is not Reach.NONE

    # --- handling -----------------------------------------------------------------------------------

    def handled(self, row: R) -> bool:
        """No role widens handling, coordinators included."""
        return bool(
            row.handling == "network"
            or row.agency_id == self.agency_id
            or (row.handling == "agencies" and self.agency_id in row.listed_agencies)
        )

    # --- referrals ----------------------------------------------------------------------------------

    def wrote(self, referral: R) -> bool:
        return bool(referral.author_id == self.id and referral.author_agency_id == self.agency_id)

    def triages(self, referral_id: UUID) -> bool:
        """Coordinators; once passed to the people of a sealed case, only coordinators among those."""
        referral = self.truth.one("referral", referral_id)
        if not self.is_coordinator or referral.state not in SENT:
            return False
        sealed = self.sealed_cases(referral_id)
        return not sealed or any(self.full(case_id) for case_id in sealed)

    def sealed_cases(self, referral_id: UUID) -> list[UUID]:
        """The sealed cases of the children that a referral was found to name, also by which a record is held
        that is said to be of the same child.
        """
        return [
            case.id
            for match in self.truth.where("referral_child", "referral_id", referral_id)
            for case in self.held_by(match.child_id)
            if case.sensitivity == SEALED
        ]

    def referral(self, referral_id: UUID) -> bool:
        row = self.truth.one("referral", referral_id)
        if self.user is None:
            return False
        if self.wrote(row) or self.triages(referral_id):
            return True
        if row.state in SENT:
            return self.manages(row.author_team_id) and not row.concerns_colleague
        return self.manages(row.author_team_id) and any(
            opening.manager_id == self.id and opening.until > self.truth.now
            for opening in self.truth.where("draft_opening", "referral_id", referral_id)
        )

    def leavers_draft(self, referral: R) -> bool:
        """An unsent draft of someone who left: the manager sees that it exists."""
        author = self.truth.one("app_user", referral.author_id)
        left = not author.active or author.agency_id != self.agency_id
        return referral.state == "draft" and self.manages(referral.author_team_id) and left

    # --- sharing and duties -------------------------------------------------------------------------

    def front_door(self, made_id: UUID) -> bool:
        """A team of theirs, or the agency that they manage, was told of a referral to social care."""
        told = self.truth.where("disclosure", "social_care_referral_id", made_id)
        return any(one.receiver_id is None and self.told(one) for one in told)

    def disclosure(self, disclosure_id: UUID) -> bool:
        row = self.truth.one("disclosure", disclosure_id)
        gave = row.giver_id == self.id and row.giver_agency_id == self.agency_id and self.user is not None
        if ((gave or self.told(row)) and self.may_know_of(row)) or self.has("governance"):
            return True
        return (
            self.is_coordinator
            and self.sees_cases()
            and all(
                self.record(covered.child_id)
                for covered in self.truth.where("disclosure_child", "disclosure_id", disclosure_id)
            )
            and (row.case_id is None or self.full(row.case_id))
        )

    def request(self, request_id: UUID) -> bool:
        row = self.truth.one("information_request", request_id)
        if self.asked(row):
            return True
        if row.entry_id is not None:  # that it is there is said to nobody who may not read it
            return moments.entry(self, row.entry_id)
        if self.full(row.case_id):
            return True
        return row.case_id is None and row.referral_id is not None and self.triages(row.referral_id)

    def deadline(self, row: R) -> bool:
        """Whoever sees its subject, and its owner, while of the agency for which they do. Whoever recorded an
        episode of a child who is held closely knows of that, and not who has to do something about the
        child; nor does whoever wrote a form, or their manager, know who owes its triage.
        """
        if self.user is None:
            return False
        if row.owner_id == self.id and row.owned_for_id in (None, self.agency_id):
            return True
        if row.owner_team_id in self.teams:
            return True
        if row.owner_agency_id is not None and self.manages_agency(row.owner_agency_id):
            return True
        seen_by: dict[str, Callable[[], bool]] = {
            "cre_case": lambda: self.full(row.case_id),
            "chronology_entry": lambda: moments.entry(self, row.subject_id),
            "action": lambda: planning.subject(self, self.truth.one("action", row.subject_id)),
            "linked_process": lambda: self.full(row.case_id),
            "referral": lambda: self.triages(row.referral_id),
            "social_care_referral": lambda: self.triages(row.referral_id),
            "disclosure": lambda: self.disclosure(row.disclosure_id),
            "information_request": lambda: self.request(row.request_id),
            "meeting": lambda: gatherings.sees(self, row.meeting_id),
            "told_by_hand": lambda: by_hand.duty(self, row),
            "panel_item": lambda: False,  # to read its summary is for its owner to do
            "missing_episode": lambda: (
                picture.episode(self, self.truth.one("missing_episode", row.subject_id))
                and self.identity(row.child_id)
            ),
            "missing_prompt": lambda: (
                picture.prompt(self, self.truth.one("missing_prompt", row.subject_id))
                and self.identity(row.child_id)
            ),
            "return_interview": lambda: (
                picture.hears_of_interview(self, self.truth.one("return_interview", row.subject_id))
                and self.identity(row.child_id)
            ),
            "concern": lambda: picture.concern(self, self.truth.one("concern", row.subject_id)),
            "concern_order": lambda: picture.concern(self, self.truth.one("concern", row.concern_id)),
            "directory_entry": lambda: (
                self.truth.one("directory_entry", row.subject_id).agency_id == self.agency_id
            ),
        }
        return seen_by[row.subject_kind]()

    def panel_item(self, item_id: UUID) -> bool:
        """Whoever reaches what it is about."""
        return panels.item(self, self.truth.one("panel_item", item_id))

    def looks_after(self, user_id: UUID) -> bool:
        """Administrators look after people, and managers after those of their agency."""
        own = self.truth.one("app_user", user_id).agency_id == self.agency_id
        return self.has("administrator") or (self.has("manager") and own)

    def sees(self, table: str, row: R) -> bool:
        """Whether this person may see a row of a table."""
        return self._rules[table](row)
