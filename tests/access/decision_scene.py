"""One case of each sensitivity, with the records that `decisions.csv` speaks of."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.model import new_id
from portal.records.assessments.model import RiskAssessment
from portal.records.by_hand.model import ToldByHand
from portal.records.cases.vocabulary import GrantKind
from portal.records.children.model import Child, ChildAlias, ChildStatement, StatementRelease
from portal.records.concerns.model import Concern, ConcernLink
from portal.records.entries.vocabulary import Handling
from portal.records.missing.model import MissingEpisode, MissingMatch, MissingPrompt
from portal.records.orders.model import ConcernOrder
from portal.records.people.model import IdentityProvider, Team, User
from portal.records.plans.model import Action
from portal.records.referrals.model import DraftOpening, Feedback, Referral, ReferralChild, ReferralSource
from portal.records.referrals.rules import FormAnswers
from portal.records.requests.model import InformationAnswer, InformationRequest
from portal.records.return_interviews.model import ReturnInterview
from portal.records.safety_plans.model import SafetyPlan
from portal.records.triage.model import TriageDecision
from portal.vocabulary import ReferralState, Sector, Sensitivity, Urgency
from tests.access.decision_files import add_files
from tests.access.decision_panels import chair_panel
from tests.access.decision_people import make_people, marker
from tests.access.decision_put_right import held_by_police, owed_on, owned_on, put_right
from tests.access.scene import Side, make_side
from tests.cast import Cast
from tests.factories.assessments import make_citation
from tests.factories.cases import add_entry, grant, involve
from tests.factories.children import ask, tell
from tests.factories.intelligence import make_source
from tests.factories.linked import make_process, step_of
from tests.factories.meetings import make_heading, make_invitation, make_meeting
from tests.factories.minutes import make_correction, make_issue, make_passage, make_record
from tests.factories.people import make_agency, make_team, make_user
from tests.factories.plans import make_action, make_note
from tests.factories.referrals import make_draft, make_sent_referral, subjects_of


@dataclass
class DecisionScene:
    """Who stands where, and the records of each sensitivity."""

    cast: Cast
    people: dict[tuple[str, str], User]
    sides: dict[str, Side] = field(default_factory=dict)
    records: dict[str, dict[str, UUID]] = field(default_factory=dict)  # by sensitivity and name

    def person(self, role: str, relation: str) -> User | None:
        """Who has this role and stands in this relation.

        Raises:
            LookupError: nobody; add them below.
        """
        if role == "nobody":
            return None
        try:
            return self.people[role, relation]
        except KeyError:
            raise LookupError(
                f"nobody is a {role} who “{relation}”: add them in decision_people.py"
            ) from None


def make_decision_scene(rows: Session, cast: Cast) -> DecisionScene:
    """Write the people, then the same records once for each sensitivity."""
    told = make_team(rows, make_agency(rows, "Youth justice", Sector.YOUTH_JUSTICE))
    scene = DecisionScene(cast, make_people(rows, cast, told))
    for sensitivity in Sensitivity:
        _write_side(rows, scene, sensitivity.name.lower(), told)
    for sensitivity, side in zip(Sensitivity, scene.sides.values(), strict=True):
        for one in side.cases:
            one.sensitivity = int(sensitivity)
    rows.add(
        IdentityProvider(
            id=new_id(), code="provider", name="P", issuer="https://p.example", client_id="c", active=True
        )
    )
    rows.commit()
    return scene


_GRANTS = (
    ("practitioner", "named on the case", GrantKind.NAMED),
    ("manager", "named on the case", GrantKind.NAMED),
    ("administrator", "named on the case", GrantKind.NAMED),
    ("practitioner", "emergency access", GrantKind.BREAK_GLASS),
    ("chair", "until minutes are distributed", GrantKind.MEETING),
    ("practitioner", "reviews a subject access request", GrantKind.SUBJECT_ACCESS),
    ("practitioner", "grant is over", GrantKind.NAMED),
)


def _write_side(rows: Session, scene: DecisionScene, sensitivity: str, told: Team) -> None:
    cast, now = scene.cast, clock.now()
    side = make_side(rows, cast, author=cast.officer, decider=cast.second_coordinator)
    case, by = side.case, cast.second_coordinator
    chair_panel(rows, side, scene.people["chair", "chairs an open meeting on the case"], by=by)
    case.lead_professional_id = cast.social_worker.id
    involve(rows, case, cast.social_care_team, by=by, worker=cast.social_worker)
    on_it = involve(rows, case, cast.police_team, by=by, worker=cast.officer)
    involve(rows, case, cast.health_team, by=by, since=now - timedelta(days=9), until=now)
    grants: dict[GrantKind, UUID] = {}
    for role, relation, kind in _GRANTS:
        over = now if relation == "grant is over" else None
        given = grant(rows, case, scene.people[role, relation], by=by, kind=kind, until=over)
        grants[kind] = given.id
    sent = rows.query(Referral).filter_by(reference=side.names["referral"]).one()
    disclosure = tell(
        rows,
        side.child,
        told,
        by=cast.coordinator,
        text=marker("disclosure", sensitivity),
        case=case,
        referral_id=sent.id,
    )
    asked = ask(
        rows, side.child, cast.council_team, by=by, question=marker("question", sensitivity), case=case
    )
    met = make_meeting(
        rows,
        cases=[case],
        chair=scene.people["chair", "chairs an open meeting on the case"],
        note_taker=by,
        granted=False,
    )
    invited = make_invitation(rows, met, person=scene.people["practitioner", "is invited"], by=by)
    minutes = make_issue(rows, met, case, marker("minutes", sensitivity), to=invited)
    passage = make_passage(rows, met, case, marker("passage", sensitivity))
    side.names |= {
        "minutes": minutes.reference,
        "correction of minutes": str(make_correction(rows, minutes, by=by).id),
        "involvement": str(on_it.id),
        "disclosure": disclosure.reference,
        "question": asked.reference,
        "meeting": met.reference,
        "invitation": invited.reference,
        "invitation id": str(invited.id),
        "heading": str(make_heading(rows, met, case).id),
        **make_record(rows, met, case, cast.officer),
    }
    owner, moved = (
        scene.people["practitioner", who]
        for who in ("owns a duty on the case", "owned a duty on it for a former agency")
    )
    owned, formerly = owned_on(case, owner), owned_on(case, moved, left=cast.health)
    rows.add_all([owned, formerly])
    scene.sides[sensitivity] = side
    scene.records[sensitivity] = {
        "owned deadline": owned.id,
        "formerly owned deadline": formerly.id,
        "case": case.id,
        "child": side.child.id,
        "involvement": on_it.id,
        "disclosure": disclosure.id,
        "question": asked.id,
        "meeting": met.id,
        "invitation": invited.id,
        "minutes": minutes.id,
        "passage": passage.id,
        "safety plan": rows.query(SafetyPlan).filter_by(case_id=case.id).one().id,
        "told by hand": rows.query(ToldByHand).filter_by(reference=side.names["told by hand"]).one().id,
        "assessment": rows.query(RiskAssessment).filter_by(case_id=case.id, state="draft").one().id,
        "deadline": rows.query(Deadline).filter_by(case_id=case.id, kind="assessment").one().id,
        "emergency": grants[GrantKind.BREAK_GLASS],
        **{
            name: UUID(side.names[name])
            for name in (
                *("alert", "entry", "grant", "statement"),
                *("message", "dead message", "untold", "suspended address", "absence"),
            )
        },
        **_on_the_case(rows, scene, side, sensitivity, asked),
        **_planned(rows, scene, side, sensitivity),
        **_of_concern(rows, side, sensitivity),
        **_forms(rows, scene, side, sensitivity),
    }
    scene.records[sensitivity] |= _returned(rows, scene, side, sensitivity)
    called = {name: marker(name, sensitivity) for name in ("file-own", "file-source")}
    records = scene.records[sensitivity]
    records |= add_files(rows, cast, side, records, called)


def _returned(rows: Session, scene: DecisionScene, side: Side, sensitivity: str) -> dict[str, UUID]:
    """The child who was missing: named people as on the other case."""
    found = {
        name: rows.query(ReturnInterview).filter_by(reference=side.names[name]).one()
        for name in ("interview", "completed interview")
    }
    found["interview"].answers = {"where": marker("interview", sensitivity)}
    for role in ("practitioner", "manager"):
        named = scene.people[role, "named on the case"]
        grant(rows, side.cases[1], named, by=scene.cast.second_coordinator)
    episode = rows.query(MissingEpisode).filter_by(reference=side.names["returned episode"]).one()
    episode.wearing = marker("returned episode", sensitivity)
    prompt = rows.query(MissingPrompt).filter_by(child_id=episode.child_id).one()
    match = rows.query(MissingMatch).filter_by(episode_id=episode.id).one()
    rows.commit()
    ids = {name: one.id for name, one in found.items()}
    ids |= held_by_police(rows, scene.cast, side, sensitivity, rows.get_one(Child, episode.child_id))
    return ids | {"returned episode": episode.id, "prompt": prompt.id, "match": match.id}


def _planned(rows: Session, scene: DecisionScene, side: Side, sensitivity: str) -> dict[str, UUID]:
    cast = scene.cast
    own = rows.query(Action).filter_by(reference=side.names["action"]).one()
    words = marker("action-team", sensitivity)
    of_team = make_action(rows, side.case, cast.council_team, cast.second_coordinator, what=words)
    note = make_note(rows, of_team, cast.officer, text=marker("note-network", sensitivity))
    side.names |= {"action-team": of_team.reference, "action id": str(own.id)}
    called = marker("process", sensitivity)
    process = make_process(rows, side.case, cast.officer, kind="nrm", step="reasonable_grounds", words=called)
    side.names |= {"process": process.reference, "step": str(step_of(rows, process).id)}
    report = make_process(rows, side.case, cast.officer, kind="fgm_report", step="report", personal=True)
    assert own.plan_id is not None, "it is on the plan of a case"
    return {
        "plan": own.plan_id,
        "action": own.id,
        "action-team": of_team.id,
        "note-network": note.id,
        "process": process.id,
        "own report": report.id,
    }


def _of_concern(rows: Session, side: Side, sensitivity: str) -> dict[str, UUID]:
    """What is of concern is held closely on every side but the normal one."""
    person, place = (
        rows.query(Concern).filter_by(reference=side.names[name]).one()
        for name in ("concern", "other concern")
    )
    person.sensitivity = place.sensitivity = int(sensitivity != "normal")
    linked = rows.query(ConcernLink).filter_by(child_id=side.child.id).one()
    rows.commit()
    order = rows.query(ConcernOrder).filter_by(reference=side.names["order"]).one()
    return {
        "concern": person.id,
        "linked child": linked.id,
        "order": order.id,
        "place": place.id,
        **{name: UUID(side.names[name]) for name in ("place fact", "contact", "guardian")},
        "action on a place": rows.query(Action).filter_by(reference=side.names["action on a place"]).one().id,
    }


def _on_the_case(
    rows: Session, scene: DecisionScene, side: Side, sensitivity: str, asked: InformationRequest
) -> dict[str, UUID]:
    cast, police, listed = scene.cast, scene.cast.police.id, [scene.cast.social_care.id]
    made: dict[str, Any] = {}
    for handling in Handling:
        name = f"entry-{handling.value}"
        made[name] = add_entry(
            rows, side.case, cast.officer, marker(name, sensitivity), handling=handling, listed=tuple(listed)
        )
    for handling in (Handling.NETWORK, Handling.OWN):
        made |= put_right(rows, side.case, cast, handling, sensitivity, made[f"entry-{handling.value}"])
    graded = made["entry-network"]
    make_source(rows, graded, cast.officer, marker("entry-source", sensitivity))
    side.names["graded"] = str(graded.id)
    assessment = rows.query(RiskAssessment).filter_by(case_id=side.case.id, state="draft").one()
    citation, cited = make_citation(assessment, made[f"entry-{Handling.AGENCIES}"], cast.officer.id)
    rows.add(citation)
    rows.flush()
    rows.add(cited)
    side.names["citation"] = str(citation.id)
    made["citation"] = citation
    said: dict[str, Any] = {"child_id": side.child.id, "agency_id": police, "kind": "address"}
    for name, held_back in (("address", False), ("held-back-address", True)):
        made[name] = ChildStatement(
            author_id=cast.officer.id,
            value=marker(name, sensitivity),
            do_not_disclose=held_back,
            named_agencies=listed if held_back else [],
            **said,
        )
    for name, of in (("release", "address"), ("held-back-release", "held-back-address")):
        made[of].id = new_id()
        rows.add(made[of])
        rows.flush()
        made[name] = StatementRelease(
            statement_id=made[of].id,
            reason=marker(name, sensitivity),
            released_by=cast.officer.id,
            agency_id=police,
            released_at=clock.now(),
        )
    made["alias"] = ChildAlias(
        child_id=side.child.id, agency_id=police, name=marker("alias", sensitivity), kind="known_as"
    )
    for handling in (Handling.NETWORK, Handling.OWN):
        made[f"answer-{handling.value}"] = InformationAnswer(
            request_id=asked.id,
            case_id=side.case.id,
            author_id=cast.community_safety.id,
            agency_id=cast.council.id,
            text=marker(f"answer-{handling.value}", sensitivity),
            handling=handling,
            listed_agencies=[],
            answered_at=clock.now(),
        )
    by_name: dict[str, Any] = {"asked_user_id": cast.teacher.id, "reach_until": None}
    over = scene.people["practitioner", "was asked, and the time is over"]
    gone: dict[str, Any] = {"asked_user_id": over.id, "reach_until": clock.now()}
    to_release = by_name | {"entry_id": made[f"entry-{Handling.AGENCIES}"].id}
    questions = {"question-by-name": by_name, "question-over": gone, "question-to-release": to_release}
    for name, whom in questions.items():
        copied = {
            c: getattr(asked, c) for c in ("child_id", "case_id", "asked_by", "asked_at", "due_at", "why")
        }
        made[name] = InformationRequest(
            reference=f"REQ-{new_id()}",
            question=marker(name, sensitivity),
            asked_agency_id=cast.school.id,
            **copied,
            **whom,
        )
    for row in made.values():
        row.id = row.id or new_id()
        rows.add(row)
    rows.commit()
    return {name: row.id for name, row in made.items()} | {"entry-source": graded.id}


def _forms(rows: Session, scene: DecisionScene, side: Side, sensitivity: str) -> dict[str, UUID]:
    cast = scene.cast
    words = FormAnswers(urgency=Urgency.LATER, kind="child", what_happened=marker("form", sensitivity))
    form = make_sent_referral(
        rows,
        cast.officer,
        answers=words,
        source=marker("source", sensitivity),
        state=ReferralState.IN_TRIAGE,
    )
    about = make_sent_referral(
        rows,
        cast.officer,
        answers=FormAnswers(
            urgency=Urgency.LATER, kind="child", what_happened=marker("form-colleague", sensitivity)
        ),
        concerns_colleague=True,
    )
    for referral in (form, about):
        rows.add(
            ReferralChild(
                subject_id=subjects_of(rows, referral)[0].id,
                referral_id=referral.id,
                child_id=side.child.id,
                matched_at=clock.now(),
            )
        )
    feedback = Feedback(
        referral_id=form.id,
        author_id=cast.second_coordinator.id,
        text=marker("feedback", sensitivity),
        given_at=clock.now(),
    )
    left = make_user(rows, cast.police, f"Lee Left {sensitivity}", teams=(cast.police_team,), active=False)
    unopened = make_draft(rows, left, {"what_happened": marker("left-draft", sensitivity)})
    opened = rows.query(Referral).filter_by(reference=side.names["left draft"]).one()
    decision = TriageDecision(
        referral_id=form.id,
        outcome="advice",
        reason=marker("decision", sensitivity),
        details={},
        decided_by=cast.second_coordinator.id,
        decided_at=clock.now(),
    )
    opening = DraftOpening(
        referral_id=opened.id,
        manager_id=cast.police_manager.id,
        reason="x",
        opened_at=clock.now(),
        until=clock.now() + timedelta(hours=8),
    )
    owed = owed_on(form, cast.hub_team)
    for row in (feedback, decision, opening, owed):
        row.id = new_id()
        rows.add(row)
    rows.commit()
    side.names |= {"form": form.reference, "form-colleague": about.reference, "unopened": unopened.reference}
    draft = rows.query(Referral).filter_by(reference=side.names["draft"]).one()
    return {
        "form": form.id,
        "form-colleague": about.id,
        "draft": draft.id,
        "left-draft": unopened.id,
        "left-draft-opened": opened.id,
        "source": rows.get_one(ReferralSource, form.id).referral_id,
        "feedback": feedback.id,
        "decision": decision.id,
        "triage of a form": owed.id,
        "referral": rows.query(Referral).filter_by(reference=side.names["referral"]).one().id,
    }
