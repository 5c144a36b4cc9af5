"""What the hub did with each form, step by step, and what senders and the agencies that were told did."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from portal.access.principal import Principal
from portal.demo.content import deciding, telling
from portal.demo.content.acting import Stage, person, reread
from portal.demo.content.forms import Written
from portal.demo.content.reading import Described
from portal.extensions import db
from portal.records.children.model import Child
from portal.records.referrals import sending as referrals
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.referrals.sending import subject_at
from portal.records.triage import child_match as recognition
from portal.records.triage import feedback, social_care
from portal.records.triage import working as work
from portal.records.triage.model import SocialCareReferral
from portal.vocabulary import TriageColour


@dataclass(frozen=True)
class Step:
    """One thing that somebody did with a form, and what the files say of it."""

    actor: Principal
    referral: Referral
    said: Described
    written: Mapping[str, Written]
    known: Mapping[str, UUID]

    @property
    def child(self) -> ReferralSubject:
        """The child on the form that it is about."""
        return subject_at(referral=self.referral, position=self.said["child"])


def write(
    stage: Stage, forms: Sequence[Described], written: Mapping[str, Written], known: Mapping[str, UUID]
) -> None:
    """Take every step that the files describe, each as the person who took it."""
    for form in forms:
        for said in form.get("steps", ()):
            with stage.acting(said["by"], stage.ago(said["at"])) as actor:
                if said["do"] == "receive":  # by somebody who was told, and who does not see the form
                    telling.receive(actor)
                else:
                    referral = reread(Referral, written[form["id"]].id)
                    _STEPS[said["do"]](Step(actor, referral, said, written, known))


def _claim(step: Step) -> None:
    work.claim(actor=step.actor, referral=step.referral)


def _hand_over(step: Step) -> None:
    to = person(step.said["to"])
    work.hand_over(actor=step.actor, referral=step.referral, to=to, note=step.said["note"])


def _set_colour(step: Step) -> None:
    work.set_colour(
        actor=step.actor,
        referral=step.referral,
        colour=TriageColour(step.said["colour"]),
        reason=step.said["reason"],
        seen=TriageColour(step.referral.colour or TriageColour.GREEN),
    )


def _ask(step: Step) -> None:
    text = step.said["text"]
    feedback.send_message(actor=step.actor, referral=step.referral, text=text, asks_reply=True)


def _reply(step: Step) -> None:
    referrals.reply_to_hub(actor=step.actor, referral=step.referral, text=step.said["text"])


def _recognise(step: Step) -> None:
    child = reread(Child, step.known[step.said["known"]])
    recognition.recognise(actor=step.actor, referral=step.referral, subject=step.child, child=child)


def _decide(step: Step) -> None:
    deciding.decide(step.actor, step.referral, step.said, step.written)


def _reopen(step: Step) -> None:
    deciding.reopen(step.actor, step.referral, step.said)


def _confirm_front_door(step: Step) -> None:
    made = db.session.query(SocialCareReferral).filter_by(referral_id=step.referral.id).one()
    number = step.said["reference"]
    social_care.confirm(actor=step.actor, referral=step.referral, made=made, front_door_reference=number)


def _tell(step: Step) -> None:
    telling.tell_team(step.actor, step.referral, step.said)


def _give_feedback(step: Step) -> None:
    feedback.give_feedback(actor=step.actor, referral=step.referral, text=step.said["text"])


_STEPS: dict[str, Callable[[Step], None]] = {
    "claim": _claim,
    "hand over": _hand_over,
    "colour": _set_colour,
    "ask": _ask,
    "reply": _reply,
    "recognise": _recognise,
    "decide": _decide,
    "reopen": _reopen,
    "front door": _confirm_front_door,
    "tell": _tell,
    "feedback": _give_feedback,
}
