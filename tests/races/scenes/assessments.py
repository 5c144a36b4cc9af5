"""Risk assessments."""

from collections.abc import Mapping

from portal import clock
from portal.model import new_id
from portal.policy import current_policy
from portal.records.assessments.model import AssessmentAnswer, LevelDecision, RiskAssessment
from portal.records.assessments.policy import Assessment
from portal.records.cases.model import Case
from tests.factories.cases import add_entry
from tests.races.scene import Scene
from tests.races.world import World


def _assessment(world: World) -> RiskAssessment:
    return world.rows.query(RiskAssessment).filter_by(reference=world.names["assessment"]).one()


def _other_entry(world: World) -> Mapping[str, str]:
    """An entry that nothing cites yet."""
    case = world.rows.query(Case).filter_by(reference=world.names["case"]).one()
    return {"entry": str(add_entry(world.rows, case, world.person("officer")).id)}


def _answered(world: World) -> None:
    """Everything that has to be answered is."""
    found, rows = _assessment(world), world.rows
    rows.get_one(Case, found.case_id).state = "in_assessment"
    given = {
        (one.section, one.item) for one in rows.query(AssessmentAnswer).filter_by(assessment_id=found.id)
    }
    tool = current_policy().of(Assessment)
    for section in tool.sections:
        for question in tool.questions_of(section.code, screening=found.kind == "screening"):
            if question.required and (section.code, question.code) not in given:
                rows.add(
                    AssessmentAnswer(
                        id=new_id(),
                        assessment_id=found.id,
                        section=section.code,
                        item=question.code,
                        number=1,
                        words="Told in full",
                        author_id=found.assessor_id,
                        agency_id=found.agency_id,
                        saved_at=clock.now(),
                    )
                )


def _short(world: World) -> Mapping[str, str]:
    _assessment(world).kind = "screening"
    world.rows.flush()
    _answered(world)
    return {}


def _in_full(world: World) -> Mapping[str, str]:
    _answered(world)
    return {}


def _waits(world: World) -> Mapping[str, str]:
    """A lower level waits for a second person."""
    found, rows = _assessment(world), world.rows
    _answered(world)
    rows.add(
        LevelDecision(
            id=new_id(),
            case_id=found.case_id,
            level="high",
            reason="R",
            decided_by=found.assessor_id,
            agency_id=found.agency_id,
            decided_at=clock.now(),
        )
    )
    found.state, found.level, found.level_reason = "waiting", "low", "It is quiet"
    found.concluded_by, found.concluded_at = found.assessor_id, clock.now()
    return {}


def _finalised(world: World) -> Mapping[str, str]:
    return {"assessment": world.names["finalised assessment"]}


_CONCLUDED = {
    "level": "high",
    "types": "cce",
    "s47": "yes",
    "s47_reason": "For {word}",
    "nrm": "no",
    "nrm_reason": "For {word}",
    "difference_reason": "For {word}",
}

SCENES: dict[str, Scene] = {
    "assessments.abandon": Scene("coordinator"),
    "assessments.cite_entry": Scene("coordinator", before=_other_entry),
    "assessments.end_short": Scene("coordinator", fills={"needs_full": "no"}, before=_short),
    "assessments.give_conclusion": Scene(
        "coordinator",
        page="/assessments/{assessment}/conclude?level=high",
        fills=_CONCLUDED,
        clicked="finalise=1",
        before=_in_full,
    ),
    "assessments.keep": Scene("officer", page="/assessments/{assessment}/sections/voice"),
    "assessments.save": Scene("officer", page="/assessments/{assessment}/sections/voice"),
    "assessments.second": Scene("social_care_manager", before=_waits),
    "assessments.sign": Scene("social_care_manager", before=_finalised),
    "assessments.start": Scene("coordinator", after=("assessments.abandon",)),
    "assessments.withdraw_citation": Scene("officer", page="/assessments/{assessment}/sections/voice"),
}
