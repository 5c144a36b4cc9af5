"""Cases, their chronology and network, ending and handing over; files."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import update

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.records.assessments.model import RiskAssessment
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.closing.model import CaseClosure
from portal.records.entries.vocabulary import Handling
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import LevelProposal
from portal.records.requests.model import AccessRequest, InformationRequest
from portal.records.safety_plans.model import SafetyPlan
from portal.vocabulary import Sensitivity
from tests.factories.cases import involve
from tests.races.reading import FIRST
from tests.races.scene import Scene
from tests.races.world import World


def case_of(world: World) -> Case:
    return world.rows.query(Case).filter_by(reference=world.names["case"]).one()


def _free_team(world: World) -> Mapping[str, str]:
    """A team that owes nothing on the case."""
    lead = {"owner_id": case_of(world).lead_professional_id, "owner_team_id": None, "owner_agency_id": None}
    world.rows.execute(update(Deadline).filter_by(case_id=case_of(world).id).values(**lead))
    joined = involve(world.rows, case_of(world), world.cast.school_team, by=world.person("coordinator"))
    return {"involvement": str(joined.id)}


def _nothing_in_the_way(world: World) -> Mapping[str, str]:
    """Whatever had to be dealt with before the case ends is dealt with; nobody asks that it end."""
    rows, case, now = world.rows, case_of(world), clock.now()
    rows.execute(update(RiskAssessment).filter_by(case_id=case.id, state="draft").values(state="abandoned"))
    rows.execute(update(LevelProposal).filter_by(case_id=case.id).values(settled_at=now, accepted=False))
    rows.execute(update(InformationRequest).filter_by(case_id=case.id).values(withdrawn_at=now))
    met = rows.query(MeetingCase.meeting_id).filter_by(case_id=case.id)
    rows.execute(update(Meeting).where(Meeting.id.in_(met)).values(state=MeetingState.CANCELLED))
    rows.execute(update(SafetyPlan).filter_by(case_id=case.id).values(state="ended", ended_at=now))
    rows.execute(update(CaseClosure).filter_by(case_id=case.id).values(withdrawn_at=now))
    case.level = "none"
    rows.execute(update(RiskAssessment).filter_by(case_id=case.id, state="finalised").values(level="none"))
    return {}


def _only_a_notice(world: World) -> Mapping[str, str]:
    """The case is held closely: a colleague who is not named sees that it is there."""
    case_of(world).sensitivity = int(Sensitivity.RESTRICTED)
    world.rows.query(AccessRequest).filter_by(case_id=case_of(world).id).delete()
    return {}


def _owes_a_look(world: World) -> Mapping[str, str]:
    """What happened in the entry asks for a look at the assessment."""
    case = case_of(world)
    entry = world.rows.query(ChronologyEntry).filter_by(case_id=case.id).order_by(ChronologyEntry.id).first()
    assert entry is not None
    due = clock.now() + timedelta(days=5)
    world.rows.add(
        Deadline(
            id=new_id(),
            kind=DeadlineKind.MOMENT_REVIEW,
            subject_kind="chronology_entry",
            subject_id=entry.id,
            case_id=case.id,
            owner_id=case.lead_professional_id,
            started_at=clock.now(),
            due_at=due,
            original_due_at=due,
            state=DeadlineState.OPEN,
            source="test",
            confirmed=True,
            policy_version="test",
        )
    )
    return {"entry": str(entry.id)}


_ENDS = {
    "reason": FIRST,
    "follow_up": "",
    "follow_up_name": "Follow {word}",
    "follow_up_agency": "School",
    "follow_up_contact": "01632 960005",
    "*__words": "For {word}",
}

SCENES: dict[str, Scene] = {
    "attachments.on_answer": Scene("community_safety", fills={"file": FIRST}),
    "attachments.on_draft": Scene("officer", fills={"file": FIRST}),
    "attachments.on_entry": Scene("officer", fills={"file": FIRST}),
    "attachments.on_episode": Scene("officer", fills={"file": FIRST}),
    "attachments.on_meeting": Scene("officer", fills={"file": FIRST}),
    "attachments.take_out_of_draft": Scene("officer", page="attachments.on_draft"),
    "cases.index": Scene("officer", page="/cases?whose=mine&level=high"),
    "work.index": Scene("officer", page="/work?whose=mine&when=overdue"),
    "messages.index": Scene("officer", page="/messages?show=unread"),
    "requests.index": Scene("nurse", page="/requests?when=overdue"),
    "cases.add_team": Scene("social_worker", page="/cases/{case}/network/add?team={council_team id}"),
    "cases.agree_end": Scene("social_care_manager", page="cases.end_asked", after=("cases.end",)),
    "cases.answer_asked_access": Scene("coordinator"),
    "cases.answer_sensitivity": Scene("social_worker", page="cases.confirm_sensitivity"),
    "cases.ask_access": Scene("colleague", before=_only_a_notice),
    "cases.begin_handing_over": Scene("coordinator", page="cases.hand_over"),
    "cases.change_case_lead": Scene(
        "coordinator",
        page="/cases/{case}/lead?team={social_care_team id}",
        fills={"professional": "{social_care_manager id}", "worker": "{social_care_manager id}"},
        other={"professional": "{social_worker id}", "worker": "{social_worker id}"},
    ),
    "cases.create_entry": Scene("officer", page="/cases/{case}/entries/new"),
    "cases.save_draft": Scene("officer", page="/cases/{case}/entries/new"),
    "cases.drop_draft": Scene("officer", page="/cases/{case}/entries/new", after=("cases.save_draft",)),
    "cases.keep_draft": Scene(
        "officer", page="/cases/{case}/entries/new", form="/cases/{case}/entries/new", clicked="keep=0"
    ),
    "cases.end": Scene("coordinator", fills=_ENDS, before=_nothing_in_the_way),
    "cases.end_asked": Scene("officer"),
    "cases.end_team": Scene("coordinator", before=_free_team),
    "cases.put_readers_right": Scene("officer", fills={"family_safe": "yes"}, other={"family_safe": "ask"}),
    "cases.grade_entry": Scene(
        "officer",
        fills={"conditions": "no_copies", "handling_code": "C", "source_grade": "1"},
        other={"conditions": "no_copies", "handling_code": "C", "source_grade": "2"},
    ),
    "cases.keep_hand_over": Scene("coordinator", page="cases.hand_over", after=("cases.begin_handing_over",)),
    "cases.save_handing_over": Scene(
        "coordinator", page="cases.hand_over", after=("cases.begin_handing_over",)
    ),
    "cases.name_somebody": Scene(
        "coordinator", fills={"email": "{chair email}"}, other={"email": "{nurse email}"}
    ),
    "cases.name_team_worker": Scene(
        "officer", fills={"worker": "{colleague id}"}, other={"worker": "{police_manager id}"}
    ),
    "cases.new_intelligence": Scene(
        "officer",
        fills={
            "source": "A caller",
            "handling_code": "P",
            "conditions": None,
            "more_conditions": None,
            "handling": Handling.NETWORK.value,
        },
    ),
    "cases.reopen": Scene("coordinator", after=("cases.agree_end",)),
    "cases.review_moment": Scene("social_worker", before=_owes_a_look),
    "cases.unname_somebody": Scene("coordinator"),
}
