"""Nobody is led by a message to a page that refuses them, and nobody is sent a link that leads to nothing.

Every kind of message, and every kind of record that a message is about, for one of every role and sector;
with records that they work with and records that are hidden from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.orm import Session

from portal import clock, registry
from portal.access.guard import rule_of
from portal.access.permissions import PERMISSIONS
from portal.extensions import Base
from portal.messages.model import Absence, AddressSuspension, OutboxMessage, OutboxSubject
from portal.messages.vocabulary import MessageState
from portal.model import new_id
from portal.policy import current_policy
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.reminders import deliverability
from portal.reminders.claims import HandOn, Send, Waiting, waiting
from portal.reminders.covers import redirect
from portal.reminders.still_owed import decide
from portal.vocabulary import ROLES_THAT_STAND_APART, ReferralState, Role
from portal.web import references
from tests import database
from tests.access.scene import Scene, make_scene
from tests.cast import make_cast
from tests.client import Client
from tests.factories.people import make_user, open_session
from tests.factories.telling import was_told

#: What each kind of message is about: names of tables. A new kind stands here before the tests are green.
ABOUT: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("due", "due_urgent", "late", "late_urgent"), ("cre_case", "directory_entry")),
    "given": ("cre_case", "directory_entry", "missing_episode"),
    **dict.fromkeys(("action_given", "action_news"), ("action",)),
    **dict.fromkeys(("red_form", "form_arrived", "form_changed", "form_taken_over"), ("referral",)),
    **dict.fromkeys(("missing_reported", "missing_changed", "missing_returned"), ("missing_episode",)),
    **dict.fromkeys(("missing_found", "missing_hurt", "missing_added", "missing_none"), ("missing_episode",)),
    **dict.fromkeys(
        ("alert_set", "alert_ended", "ask_before_acting", "ask_no_more", "case_held"), ("cre_case",)
    ),
    **dict.fromkeys(("network_changed", "no_longer_yours"), ("cre_case",)),
    "minutes_no_longer_yours": ("meeting",),
    **dict.fromkeys(("nobody_told", "nobody_told_urgent"), ("team", "cre_case")),
    "not_told": ("cre_case", "app_user"),
    **dict.fromkeys(("missing_planned", "missing_plan_over", "missing_gives_away"), ("missing_episode",)),
    **dict.fromkeys(("missing_closed_off", "missing_not_them", "missing_by_another"), ("missing_episode",)),
    **dict.fromkeys(("red_on_case", "red_taken_back", "form_on_sealed"), ("cre_case",)),
    "minutes_unopened": ("meeting",),
    "form_of_team": ("referral",),
    "form_unseen": ("referral",),
    **dict.fromkeys(("coordinator_missing", "form_for_you", "closed_case_news"), ("cre_case",)),
    "team_action": ("action",),
    "papers_missing": ("meeting",),
    "not_answered": ("meeting",),
    "cover_missing": ("cre_case", "app_user"),
    **dict.fromkeys(("cover_begins", "cover_ended", "absence_over"), ("app_user",)),
    "access_late": ("access_request",),
    "roles_late": ("app_user",),
    "prevention_late": ("missing_episode",),
    **dict.fromkeys(("sharing_refused", "strategy_not_held_door"), ("disclosure",)),
    "not_opened": ("cre_case", "safety_plan"),
    "not_opened_urgent": ("missing_episode", "concern_order"),
    **dict.fromkeys(
        ("form_received", "form_question", "form_message", "feedback", "form_sender_left"), ("referral",)
    ),
    **dict.fromkeys(("unsent_draft", "unsent_draft_of_team", "feedback_taken_back"), ("referral",)),
    **dict.fromkeys(("told", "told_urgent", "told_changed", "told_withdrawn"), ("disclosure",)),
    **dict.fromkeys(("social_care_decided", "social_care_decided_lead"), ("referral",)),
    **dict.fromkeys(("social_care_referred", "social_care_withdrawn", "receipt_confirmed"), ("disclosure",)),
    **dict.fromkeys(("panel_case_ended", "follow_up_reopened", "social_care_taken_back"), ("cre_case",)),
    **dict.fromkeys(("shared", "case_ended", "case_reopened", "case_end_asked"), ("cre_case",)),
    **dict.fromkeys(("level_overtaken", "level_taken_back", "level_waits_no_more"), ("cre_case",)),
    **dict.fromkeys(("asked", "answered", "release_granted"), ("information_request",)),
    **dict.fromkeys(("access_asked", "access_answered", "access_settled"), ("access_request",)),
    **dict.fromkeys(("agreement_asked", "agreement_answered"), ("risk_assessment",)),
    "file_withdrawn": ("referral", "cre_case", "information_request", "meeting", "missing_episode"),
    **dict.fromkeys(("former_case_reopened", "panel_level_high", "panel_level_fell"), ("cre_case",)),
    **dict.fromkeys(("concern_shown", "place_news"), ("concern",)),
    **dict.fromkeys(("person_invited", "person_gone"), ("app_user",)),
    **dict.fromkeys(("enquiry_elsewhere", "enquiry_mistaken"), ("linked_process",)),
    **dict.fromkeys(("intelligence_kept", "form_for_panel", "outside_taken_back"), ("referral",)),
    **dict.fromkeys(("left_draft", "left_draft_opened", "outside_part_taken_back"), ("referral",)),
    "file_refused": ("referral", "cre_case", "information_request", "meeting"),
    **dict.fromkeys(("invited", "for_calendar", "meeting_came", "meeting_changed"), ("invitation",)),
    **dict.fromkeys(("meeting_cancelled", "meeting_uninvited"), ("invitation",)),
    **dict.fromkeys(("meeting_soon", "meeting_reply"), ("meeting", "invitation")),
    "interview_shared": ("return_interview", "risk_assessment"),
    **dict.fromkeys(("digest", "team_digest", "address_failed", "team_left"), ("app_user",)),
    "work_left": ("app_user",),
    **dict.fromkeys(
        (
            "minutes_draft",
            "minutes_correction",
            "minutes_correction_left",
            "minutes_answered",
            "minutes_given",
            "minutes_level",
        ),
        ("minutes_issue",),
    ),
    **dict.fromkeys(("panel_asked", "panel_news"), ("panel_item",)),
    "panel_papers": ("invitation",),
    **dict.fromkeys(("missing_twice", "missing_moved", "missing_another"), ("missing_episode",)),
    **dict.fromkeys(("missing_double", "missing_double_over", "missing_still"), ("missing_episode",)),
    "missing_match": ("missing_match",),
    "repeated_missing": ("missing_prompt",),
    **dict.fromkeys(("missing_before_meeting", "talk_unheld"), ("missing_episode",)),
    "missing_news": ("missing_episode", "missing_prompt"),
    **dict.fromkeys(("concern_news", "concern_now", "concern_linked", "concern_linked_now"), ("concern",)),
    **dict.fromkeys(
        ("concern_child", "concern_child_now", "concern_is_child", "concern_known"), ("concern",)
    ),
    "concern_warning": ("concern", "action"),
    **dict.fromkeys(("order_news", "order_broken", "order_ended"), ("concern_order",)),
    **dict.fromkeys(("process_begun", "process_pressing", "process_news"), ("linked_process",)),
    **dict.fromkeys(("role_asked", "role_not_asked"), ("app_user",)),
    **dict.fromkeys(("role_change_waits", "role_change_withdrawn"), ("app_user",)),
    **dict.fromkeys(("minutes_yours", "meeting_part_left"), ("meeting",)),
    **dict.fromkeys(("role_changed", "teams_changed", "person_moved"), ("app_user",)),
    **{"worker_gone": ("cre_case",), "answered_for_meeting": ("information_request",)},
    "sign_off_lacks": ("risk_assessment",),
    **dict.fromkeys(("cover_lost", "cover_lost_now", "cover_no_longer"), ("cre_case",)),
    **dict.fromkeys(("account_changed", "looked_at_much"), ("app_user",)),
    "work_left_urgent": ("team", "agency"),
    **dict.fromkeys(("team_closed", "charge_ended"), ("team", "agency")),
    **dict.fromkeys(("team_reached_elsewhere", "team_left_desk"), ("team",)),
    **dict.fromkeys(("cover_given", "strategy_over", "strategy_not_held"), ("cre_case",)),
    **dict.fromkeys(("safety_plan_begun", "safety_plan_in_force", "safety_plan_ended"), ("safety_plan",)),
    **dict.fromkeys(("safety_plan_changed", "safety_plan_part_changed"), ("safety_plan",)),
    "safety_plan_part_left": ("safety_plan",),
    **dict.fromkeys(("safety_plan_runs_out", "safety_plan_over", "follow_up_given"), ("cre_case",)),
    **dict.fromkeys(("sealed_work_left", "sealed_lead_left"), ("cre_case",)),
    "assessment_begun": ("risk_assessment",),
    **dict.fromkeys(
        (
            "entry_added",
            "moment_urgent",
            "entry_corrected",
            "entry_corrected_now",
            "citation_changed",
            "grading_changed",
            "intelligence_doubted",
            "intelligence_regraded",
        ),
        ("chronology_entry",),
    ),
    **dict.fromkeys(("entry_opened", "entry_withheld"), ("chronology_entry", "return_interview")),
    "intelligence_released": ("chronology_entry",),
    **dict.fromkeys(("correction_asked", "held_back", "held_by_link", "authority_changed"), ("child",)),
    "case_news": ("cre_case", "child", "risk_assessment", "chronology_entry"),
    **dict.fromkeys(("level_set", "level_raised", "level_changed"), ("cre_case",)),
    **dict.fromkeys(("date_moved", "lead_given"), ("cre_case",)),
    **dict.fromkeys(("level_differs", "assessment_refused"), ("risk_assessment",)),
    **dict.fromkeys(("panel_proposed", "panel_proposal_gone"), ("meeting", "panel_item")),
    "panel_left_out": ("app_user",),
    **dict.fromkeys(("asked_released", "asked_withdrawn", "nobody_to_answer"), ("information_request",)),
    **dict.fromkeys(
        (
            "sector_missing",
            "sector_missing_over",
            "meeting_not_held",
            "minutes_for_you",
            "minutes_for_you_changed",
            "dissent",
            "family_chosen",
        ),
        ("meeting",),
    ),
    "did_not_come": ("team",),
}

#: Of what a message can be: duties on records, and those that messages tell of by themselves.
SUBJECTS = {
    kind for kind, record in registry.records().items() if record.duty or record.named is not None
} | {"access_request"}

#: Whoever holds no role opens no page, this one neither: nothing may be sent to them.
WITHOUT_ROLE = {"Imo Postor", "Noa Role"}

GONE = "You do not see this now"


#: A record by its id, its reference and its case.
Record = tuple[UUID, str | None, UUID | None]


@dataclass
class Post:
    """The application, the scene, the worker's connection, and a browser for everybody."""

    app: Flask
    scene: Scene
    rows: Session
    worker: Connection
    people: dict[str, User]
    browsers: dict[UUID, Client] = field(default_factory=dict)
    answers: dict[tuple[UUID, str], tuple[int, bool]] = field(default_factory=dict)

    @cached_property
    def subjects(self) -> dict[str, list[Record]]:
        """Every record that a message may be about: by table, its id, reference and case."""
        found = {}
        for mapper in Base.registry.mappers:
            name = mapper.class_.__tablename__
            if name in SUBJECTS:
                found[name] = [
                    (
                        row.id,
                        getattr(row, "reference", None),
                        row.id if name == "cre_case" else getattr(row, "case_id", None),
                    )
                    for row in self.rows.query(mapper.class_).order_by(mapper.class_.id)
                    if name != "referral"
                    or row.state != ReferralState.DRAFT  # of drafts only two kinds speak
                ]
        return found

    def colleague_of(self, person: User) -> Record:
        """Somebody of the same agency who works on cases: what they leave behind their managers hear of."""
        of_agency = self.rows.query(User).filter_by(agency_id=person.agency_id).order_by(User.id)
        apart = ROLES_THAT_STAND_APART | {Role.MANAGER}  # who would be told about themselves
        others = (one for one in of_agency if one.id != person.id and not apart.intersection(one.roles))
        found = next(others, self.scene.cast.officer)  # in a small agency there is nobody else
        return found.id, None, None

    @cached_property
    def drafts(self) -> list[Record]:
        """Forms that were not sent."""
        unsent = self.rows.query(Referral).filter_by(state=ReferralState.DRAFT).order_by(Referral.id)
        return [(row.id, row.reference, None) for row in unsent]

    def told(self, to: User, kind: str, table: str, record: Record) -> OutboxMessage:
        """A message that waits to be sent."""
        number, reference, case_id = record
        today = clock.today()  # by its key, the worker knows for which day some were written
        for_day = {"digest": f"digest:{to.id}:{today}", "team_digest": f"team_digest:{to.id}:{today}"}
        key = f"{kind}:{table}:{number}:{today}:{new_id()}:{to.id}"
        if kind.startswith("unsent_draft"):
            key = f"{kind}:{table}:{number}:{today}:{to.id}"
        return was_told(
            self.rows, to, kind=kind, subject=(table, number), reference=reference, case_id=case_id,
            state=MessageState.OWED, key=for_day.get(kind, key),
        )  # fmt: skip

    def ask(self, person: UUID, address: str) -> tuple[int, bool, str]:
        """What an address answers: the status, whether one sees nothing there, and where it leads."""
        if person not in self.browsers:
            client = self.app.test_client()
            assert isinstance(client, Client)
            client.check_pages = False  # what pages promise has tests of its own
            client.set_cookie(self.app.config["PORTAL_SESSION_COOKIE"], open_session(self.rows, person))
            self.browsers[person] = client
        response = self.browsers[person].get(address)
        while response.status_code == 303 and not address.startswith("/go/"):  # the home page leads on
            response = self.browsers[person].get(response.location)
        return response.status_code, GONE in response.text, response.location or ""

    def follow(self, person: UUID, message: UUID) -> tuple[int, bool]:
        """What the link of a message answers in the end, and whether it says that one does not see it."""
        status, gone, location = self.ask(person, f"/go/{message}")
        if status != 303:
            return status, gone
        if (person, location) not in self.answers:
            self.answers[person, location] = self.ask(person, location)[:2]
        return self.answers[person, location]

    def receiver(self, message: UUID) -> UUID | None:
        """The person to whom the worker would send it now, if it is sent to one."""
        waits = Waiting.of(self.worker.execute(waiting().where(OutboxMessage.id == message)).one())
        match decide(self.worker, waits):
            case Send() if waits.recipient_id is not None:
                found: UUID | None = waits.recipient_id
            case HandOn() as to if to.user_id is not None:
                redirect(self.worker, waits, to)
                found = to.user_id
            case _:
                found = None
        self.worker.commit()
        return found

    def faults(self, to: User, kind: str, table: str, record: Record) -> list[str]:
        """What is wrong with telling somebody something."""
        message = self.told(to, kind, table, record).id
        said = f"{kind} about {table} {record[1]} for {to.name}"
        found = []
        opens = to.name not in WITHOUT_ROLE
        status, _ = self.follow(to.id, message) if opens else (200, False)
        if status != 200:
            found.append(f"{said}: the link answers {status}")
        receiver = self.receiver(message)
        if receiver is not None:
            status, gone = self.follow(receiver, message)
            if status != 200 or gone:
                found.append(
                    f"{said}: is sent to {receiver}, whom the link answers {'nothing' if gone else status}"
                )
        return found


@pytest.fixture(scope="module")
def post(session_app: Flask, owner: Engine) -> Iterator[Post]:
    database.empty(owner)
    engine = create_engine(session_app.config["DATABASE_WORKER_URL"])
    with database.owner_session(owner) as rows, engine.connect() as worker:
        cast = make_cast(rows)
        scene = make_scene(rows, cast)
        rows.query(Absence).delete()  # else some would not be told for that reason alone
        rows.query(AddressSuspension).delete()
        rows.query(OutboxSubject).delete()
        rows.query(OutboxMessage).delete()
        rows.commit()
        names = (
            *(
                "coordinator",
                "officer",
                "police_manager",
                "chair",
                "social_worker",
                "social_care_manager",
                "nurse",
            ),
            *("community_safety", "stranger", "teacher", "governance", "administrator"),
        )
        people = {name: getattr(cast, name) for name in names}
        people["impostor"] = scene.impostor
        people["nobody yet"] = make_user(rows, cast.police, "Noa Role", teams=(cast.police_team,))
        people["nobody yet"].roles = []
        rows.commit()
        yield Post(session_app, scene, rows, worker, people)
    engine.dispose()
    database.empty(owner)


def report(faults: list[str]) -> str:
    return f"{len(faults)} faults:\n" + "\n".join(faults[:40])


def test_every_kind_of_message_and_of_subject_is_tried(post: Post) -> None:
    assert set(ABOUT) == {one.code for one in current_policy().reminders.kinds}, (
        "say here what a kind of message is about"
    )
    used = {table for tables in ABOUT.values() for table in tables}
    assert used <= set(post.subjects)
    assert set(post.subjects) == SUBJECTS
    without = [table for table, records in post.subjects.items() if not records]
    assert not without, f"add a record to the scene: {without}"
    held = {Role(role) for person in post.people.values() for role in person.roles}
    assert held == set(Role), "one of every role is told"


def test_a_message_of_any_kind_leads_whoever_gets_it_to_a_page_that_answers(post: Post) -> None:
    faults = []
    for kind, tables in ABOUT.items():
        for table in tables:
            for person in post.people.values():
                record = (person.id, None, None) if table == "app_user" else post.subjects[table][0]
                if kind.startswith("unsent_draft"):
                    record = post.drafts[0]
                    if (
                        kind == "unsent_draft"
                        and post.rows.get_one(Referral, record[0]).author_id != person.id
                    ):
                        continue  # it is told to the author alone, and to nobody in their place
                if kind == "work_left":
                    record = post.colleague_of(person)
                faults += post.faults(person, kind, table, record)
    assert not faults, report(faults)


def test_a_message_about_any_record_leads_whoever_gets_it_to_a_page_that_answers(post: Post) -> None:
    faults = []
    for table, records in post.subjects.items():
        for record in {records[0], records[-1]}:  # one that they work with, one that is hidden
            for person in post.people.values():
                faults += post.faults(person, "due", table, record)
    assert not faults, report(faults)


def test_the_worker_asks_for_what_the_page_asks_for(post: Post) -> None:
    """Said twice, because the worker knows no pages; whoever may open one is told, and nobody else."""
    said = {**references.OF_MESSAGE, **references.BESIDE, **references.OF_PERSON}
    assert {kind: asked_by(post.app, endpoint) for kind, endpoint in said.items()} == dict(
        deliverability.OF_MESSAGE
    )
    for kind, record in registry.records().items():
        if endpoint := record.page or record.index if record.permission else None:
            assert asked_by(post.app, endpoint) == record.permission, kind
        if record.hub_page is not None:
            for_others = PERMISSIONS[deliverability.permission_of("due", kind)].roles
            assert PERMISSIONS[asked_by(post.app, record.hub_page)].roles <= for_others, (
                f"{kind} is for others too"
            )


def asked_by(app: Flask, endpoint: str) -> str:
    """The permission that a page asks for."""
    rule = rule_of(app, endpoint)
    assert rule is not None
    assert rule.permission is not None
    return rule.permission
