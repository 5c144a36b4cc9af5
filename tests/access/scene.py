"""Two of every record: one that the cast works with, and one hidden from all of it but two people.

Every address of the portal is asked for with the records of both sides. A route that names a record in a way
that is not listed in `ADDRESSES` fails the test that says so: add the record here.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import SavedFilter
from portal.deadlines.model import Deadline
from portal.model import new_id
from portal.records.cases.model import Alert, Case, ChronologyEntry, SensitivityChange
from portal.records.children.model import (
    Child,
    ChildCorrection,
    ChildIdentifier,
    ChildLink,
    ChildStatement,
    ChildStatus,
)
from portal.records.concerns.model import Concern
from portal.records.people.model import IdentityProvider, RoleChange, User
from portal.records.referrals.model import DraftOpening, Referral, ReferralChild
from portal.records.requests.model import AccessRequest
from portal.vocabulary import Role, Sensitivity
from tests.access.scene_concerns import add_concerns
from tests.access.scene_forms import add_forms, add_messages
from tests.access.scene_missing import add_returned
from tests.access.scene_panels import add_panel
from tests.cast import Cast
from tests.factories.assessments import make_assessment, make_citation, make_finalised
from tests.factories.attachments import make_answer_text, make_file
from tests.factories.by_hand import make_told
from tests.factories.cases import add_entry, grant, involve, make_case, make_child
from tests.factories.children import ask, tell
from tests.factories.closing import ask_to_transfer
from tests.factories.intelligence import make_grading
from tests.factories.linked import make_process, step_of
from tests.factories.meetings import make_heading, make_invitation, make_meeting
from tests.factories.minutes import make_correction, make_issue, make_record
from tests.factories.orders import make_order
from tests.factories.people import make_user
from tests.factories.places import watch
from tests.factories.plans import make_action
from tests.factories.referrals import subjects_of
from tests.factories.safety_plans import make_safety_plan


@dataclass
class Side:
    """The records of one side, by the names that `ADDRESSES` uses."""

    case: Case
    child: Child
    names: dict[str, str] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)  # also that of another child, who was missing


@dataclass
class Scene:
    """What there is to ask for."""

    cast: Cast
    impostor: User  # a coordinator by role, in an agency that is not the hub
    shown: Side
    hidden: Side


def make_scene(rows: Session, cast: Cast) -> Scene:
    """Write both sides."""
    impostor = make_user(rows, cast.police, "Imo Postor", Role.COORDINATOR, teams=(cast.police_team,))
    shown = make_side(rows, cast, author=cast.officer, decider=cast.coordinator)
    involve(rows, shown.case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    grant(rows, shown.case, cast.nurse, by=cast.coordinator)  # health sees to it on a page of its own
    shown.names["involvement"] = str(
        involve(rows, shown.case, cast.police_team, by=cast.coordinator, worker=cast.officer).id
    )
    hidden = make_side(rows, cast, author=cast.teacher, decider=cast.second_coordinator)
    hidden.names["involvement"] = str(involve(rows, hidden.case, cast.school_team, by=cast.coordinator).id)
    for case in hidden.cases:
        case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    referral = rows.query(Referral).filter_by(reference=hidden.names["referral"]).one()
    subject = subjects_of(rows, referral)[0]
    rows.add(
        ReferralChild(
            subject_id=subject.id, referral_id=referral.id, child_id=hidden.child.id, matched_at=clock.now()
        )
    )
    sent = rows.query(Referral).filter_by(reference=shown.names["referral"]).one()
    shown.names["disclosure"] = tell(
        rows,
        shown.child,
        cast.police_team,
        by=cast.coordinator,
        referral_id=sent.id,
        social_care_referral_id=UUID(shown.names["social care referral"]),
    ).reference
    left = rows.query(Referral).filter_by(reference=shown.names["left draft"]).one()
    now = clock.now()
    rows.add(
        DraftOpening(
            id=new_id(),
            referral_id=left.id,
            manager_id=cast.police_manager.id,
            reason="x",
            opened_at=now,
            until=now + timedelta(hours=8),
        )
    )
    referred = UUID(hidden.names["social care referral"])
    told = tell(
        rows, hidden.child, cast.school_team, by=cast.second_coordinator, social_care_referral_id=referred
    )
    for side, team in ((shown, cast.council_team), (hidden, cast.school_team)):
        asked = ask(rows, side.child, team, by=cast.second_coordinator, case=side.case)
        side.names["question"] = asked.reference
        answerer = cast.community_safety if team is cast.council_team else cast.teacher
        side.names["answer"] = str(make_answer_text(rows, asked, answerer).id)
    hidden.names["disclosure"] = told.reference
    rows.add(
        IdentityProvider(
            id=new_id(), code="provider", name="P", issuer="https://p.example", client_id="c", active=True
        )
    )
    rows.commit()
    return Scene(cast, impostor, shown, hidden)


def make_side(rows: Session, cast: Cast, *, author: User, decider: User) -> Side:
    child = make_child(rows)
    case = make_case(
        rows, child, lead=cast.social_care, opened_by=decider, lead_professional_id=cast.social_worker.id
    )
    named = [grant(rows, case, person, by=decider) for person in (decider, author)]
    side = Side(case, child)
    now, agency = clock.now(), author.agency_id
    others: dict[str, Any] = {
        "alert": Alert(
            case_id=case.id,
            kind="risk_to_workers",
            text="x",
            owner_id=author.id,
            review_on=now.date(),
            version=1,
        ),
        "access request": AccessRequest(
            case_id=case.id,
            asked_by=cast.colleague.id,
            asked_agency_id=cast.police.id,
            reason="x",
            asked_at=now,
        ),
        "sensitivity change": SensitivityChange(
            case_id=case.id, before=1, after=0, reason="x", asked_by=decider.id, asked_at=now
        ),
        "correction": ChildCorrection(
            child_id=child.id,
            part="identity",
            child_version=1,
            before={},
            after={},
            reason="x",
            proposed_by=author.id,
            proposed_agency_id=agency,
        ),
        "identifier": ChildIdentifier(child_id=child.id, scheme="upn", value="A123", agency_id=agency),
        "status": ChildStatus(child_id=child.id, status="cin", agency_id=agency),
        "statement": ChildStatement(
            child_id=child.id, agency_id=agency, author_id=author.id, kind="address", value="1 Example Road"
        ),
        "link": ChildLink(child_a=child.id, child_b=make_child(rows).id, reason="x", linked_by=decider.id),
        "filter": SavedFilter(user_id=decider.id, page="hub.queue", name="x", query={}),
        "change of roles": RoleChange(
            user_id=author.id,
            roles_before=[],
            roles_after=["chair"],
            asked_by=cast.administrator.id,
            asked_at=now,
        ),
    }
    for row in others.values():
        row.id = new_id()
        rows.add(row)
    rows.commit()
    side.names |= {name: str(row.id) for name, row in others.items()}
    side.names |= {
        "case": case.reference,
        "child": child.reference,
        "entry": str(add_entry(rows, case, author).id),
        "grant": str(named[1].id),
        "session": str(new_id()),
        "long document": str(new_id()),
        "person": str(author.id),
        "agency code": cast.police.code if author is cast.officer else cast.school.code,
        "team": str(cast.police_team.id if author is cast.officer else cast.school_team.id),
        "provider code": "provider",
    }
    assessment = make_assessment(rows, case, decider)
    cited = make_citation(assessment, rows.get_one(ChronologyEntry, UUID(side.names["entry"])), author.id)
    for row in cited:
        rows.add(row)
        rows.commit()
    side.names |= {"assessment": assessment.reference, "citation": str(cited[0].id)}
    side.names["finalised assessment"] = make_finalised(rows, case, decider).reference
    ask_to_transfer(rows, case, decider)
    side.names["safety plan"] = make_safety_plan(rows, case, decider).reference
    side.names["due date"] = str(rows.query(Deadline).filter_by(case_id=case.id).one().id)
    entry = rows.get_one(ChronologyEntry, UUID(side.names["entry"]))
    entry.moment, entry.critical_moment = "other", "Something"
    side.names["file"] = make_file(rows, entry, author).reference
    make_grading(rows, entry, author, "Do not approach the people named")
    side.names |= add_concerns(rows, cast, child, author, closely=author is not cast.officer)
    on = rows.query(Concern).filter_by(reference=side.names["concern"]).one()
    side.names["order"] = make_order(rows, on, author, protects=child, served_on=None).reference
    side.names["told by hand"] = make_told(rows, author, case_id=case.id).reference
    recorded = make_told(rows, author, case_id=case.id, way="phone")
    side.names["told by hand and recorded"] = recorded.reference
    given = make_action(rows, case, author, decider)
    side.names |= {"action": given.reference, "action id": str(given.id)}
    place = rows.query(Concern).filter_by(reference=side.names["other concern"]).one()
    side.names |= watch(rows, place, author)
    process = make_process(rows, case, author, kind="trafficking_guardian", step="refer")
    side.names |= {"process": process.reference, "step": str(step_of(rows, process).id)}
    add_messages(rows, side, author)
    add_panel(rows, side, author, decider)
    meeting = make_meeting(rows, cases=[case], chair=author, note_taker=decider, granted=False)
    invitation = make_invitation(rows, meeting, person=author, by=decider)
    minutes = make_issue(rows, meeting, case, "x", to=invitation)
    side.names |= {
        "minutes": minutes.reference,
        "correction of minutes": str(make_correction(rows, minutes, by=author).id),
        "meeting": meeting.reference,
        "invitation": invitation.reference,
        "invitation id": str(invitation.id),
        "heading": str(make_heading(rows, meeting, case).id),
        **make_record(rows, meeting, case, author),
    }
    add_returned(rows, cast, side, author, decider)
    return add_forms(rows, cast, side, author, decider)
