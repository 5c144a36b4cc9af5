"""Forms, triage, what is told and what is asked."""

from collections.abc import Mapping
from datetime import timedelta

from portal import clock
from portal.deadlines.vocabulary import DeadlineKind
from portal.records.referrals.model import DraftOpening, Referral
from portal.records.requests.model import InformationAnswer, InformationRequest
from portal.vocabulary import Urgency
from portal.web.date_boxes import posted
from tests.factories.referrals import owed_on_form
from tests.races.reading import FIRST
from tests.races.scene import Scene
from tests.races.sending import Sent
from tests.races.world import World
from tests.referrals.steps import LEAST


def _referral(world: World, name: str) -> Referral:
    return world.rows.query(Referral).filter_by(reference=world.names[name]).one()


def _waits(world: World) -> Mapping[str, str]:
    _referral(world, "referral").state = "waiting_for_sender"
    return {}


def _wrote_since(world: World) -> Mapping[str, str]:
    """The form is decided, and its sender has written since."""
    form, now = _referral(world, "referral"), clock.now()
    form.state, form.decided_at = "decided", now
    due = now + timedelta(days=1)
    world.rows.add(owed_on_form(world.rows, form, now, due, DeadlineKind.SENDER_WROTE))
    return {}


def _filled_in(world: World) -> Mapping[str, str]:
    """The draft says what has to be said before it is sent."""
    said = {"urgency": {"urgency": Urgency.LATER.value}, **LEAST}
    typed = {page: {name: [value] for name, value in words.items()} for page, words in said.items()}
    _referral(world, "draft").answers = {"typed": typed, "saves": {}, "for_sender": False}
    return {}


def _what_happened(world: World) -> Mapping[str, str]:
    """The page of a form on which most is written."""
    return {"=step": "happened"}


def _unopened(world: World) -> Mapping[str, str]:
    world.rows.query(DraftOpening).delete()
    return {}


def _unanswered(world: World) -> Mapping[str, str]:
    asked = world.rows.query(InformationRequest).filter_by(reference=world.names["question"]).one()
    world.rows.query(InformationAnswer).filter_by(request_id=asked.id).delete()
    return {}


def _beat(_world: World, token: str) -> Sent:
    """What the page sends by itself."""
    return Sent("", (), headers=(("X-CSRFToken", token),))


_LATER = {name: str(value) for name, value in posted("due_on", clock.today() + timedelta(days=40)).items()}
_ASKED = {"find": None, "teams": "{health_team id}"}

SCENES: dict[str, Scene] = {
    "disclosures.index": Scene("officer", page="/told?colour=red"),
    "disclosures.taken": Scene("officer", page="/told/copies?kind=list"),
    "disclosures.ledger": Scene("officer", page="/told/ledger/{case}?colour=red"),
    "disclosures.confirm": Scene("officer", page="/told"),
    "disclosures.confirm_several": Scene(
        "officer",
        page="/told",
        by_script=lambda world, token: Sent(
            "", (("csrf_token", token), ("chosen", world.names["disclosure"]))
        ),
    ),
    "disclosures.answer": Scene("officer", fills={"outcome": "assessment"}),
    "hub.claim": Scene("coordinator", page="hub.referral"),
    "hub.claim_next": Scene("coordinator", page="/triage"),
    "hub.colour": Scene("coordinator", fills={"colour": "amber"}, other={"colour": "red"}),
    "hub.confirm_social_care": Scene("coordinator", fills={"reference": "Ref {word}"}),
    "hub.decide": Scene("coordinator", fills={"outcomes": "advice", "tell_sender": ""}, after=("hub.claim",)),
    "hub.give_feedback": Scene("coordinator", after=("hub.decide",)),
    "hub.looking": Scene("coordinator", page="hub.referral", by_script=_beat),
    "hub.message": Scene("coordinator", page="hub.referral"),
    "hub.recognise": Scene("coordinator", page="/triage/{referral}/children/1/{child}"),
    "hub.release": Scene("coordinator", page="hub.referral", after=("hub.claim",)),
    "hub.remove_filter": Scene("coordinator", page="/triage"),
    "hub.reopen": Scene("coordinator", fills={"decisions": FIRST}),
    "hub.save_filter": Scene("coordinator", page="/triage?state=in_triage"),
    "hub.social_care_answer": Scene("coordinator", fills={"outcome": "assessment"}),
    "hub.read_again": Scene("coordinator", page="hub.referral", before=_wrote_since),
    "hub.stop_waiting": Scene("coordinator", page="hub.referral", before=_waits),
    "hub.tell": Scene(
        "coordinator",
        fills={"teams": "{health_team id}", "decision": "share", "family_told": "yes"},
        after=("hub.recognise",),
    ),
    "referrals.index": Scene("officer", page="/sent?state=decided"),
    "referrals.open_left": Scene("police_manager", before=_unopened),
    "referrals.reply": Scene("officer", page="referrals.show"),
    "referrals.save": Scene("officer", page="/share/{draft}/happened", before=_what_happened),
    "referrals.step": Scene("officer", page="/share/{draft}/happened", before=_what_happened),
    "referrals.send": Scene("officer", page="/share/{draft}/check", before=_filled_in),
    "requests.ask_about_case": Scene("officer", fills=_ASKED, clicked="-"),
    "requests.ask_for_meeting": Scene("officer", fills=_ASKED, clicked="-"),
    "requests.ask_about_form": Scene("coordinator", fills=_ASKED, clicked="-", after=("hub.recognise",)),
    "requests.give_answer": Scene("community_safety", page="requests.show"),
    "requests.more_time": Scene("coordinator", fills=_LATER),
    "requests.say_nothing_held": Scene("community_safety", page="requests.show", before=_unanswered),
}
