"""What the hub did with each form, decided and told, and what senders and receivers did."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.demo.content import acting
from portal.demo.content.acting import Described, Stage, person, reread, team_called, team_of
from portal.demo.content.entries import drawn
from portal.extensions import db
from portal.model import new_id
from portal.policy import current_policy
from portal.records.attachments.adding import add_to_draft
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.disclosures.disclosing import DisclosureRequest, disclose
from portal.records.disclosures.ledger import confirm_receipt
from portal.records.disclosures.model import Disclosure
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.intelligence.grading import Grading
from portal.records.people import keeping as people
from portal.records.people.model import Agency
from portal.records.referrals import sending as referrals
from portal.records.referrals.drafts import Seen, save_draft, start_draft, typed_pages
from portal.records.referrals.forms.pages import FormSetting, Typed, read
from portal.records.referrals.model import Referral, ReferralChild, ReferralSubject
from portal.records.referrals.sending import send_referral, subject_at
from portal.records.triage import child_match as recognition
from portal.records.triage import decisions, feedback, social_care
from portal.records.triage import working as work
from portal.records.triage.decision_rules import DecisionSetting, Opening
from portal.records.triage.model import SocialCareReferral
from portal.records.triage.vocabulary import InformationNature
from portal.vocabulary import DecisionOutcome, Sensitivity, TriageColour

#: The lists on the page of people, places and things.
_OTHERS = ("people", "places", "vehicles", "phones", "accounts")

#: Which of the known children it is: for the steps of the hub, and not on the form.
_NOT_TYPED = {"known"}


@dataclass(frozen=True)
class Written:
    """A form as the rest of the demonstration refers to it."""

    id: UUID
    reference: str


def write_forms(stage: Stage, forms: Sequence[Described]) -> dict[str, Written]:
    """Fill in each form and send it, unless it is still a draft. Gives them by their name in the files."""
    found = {}
    for form in forms:
        with stage.acting(form["by"], stage.ago(form["at"])) as actor:
            draft = _fill_in(stage, actor, form)
            if not form.get("unsent"):
                _send(actor, draft)
            found[form["id"]] = Written(draft.id, draft.reference)
    return found


def _fill_in(stage: Stage, actor: Principal, form: Described) -> Referral:
    draft = start_draft(actor=actor, typed=_pages(stage, form), for_sender="sender" in form)
    if "source" in form:
        typed = {"source": [form["source"]], "at_risk": [form.get("at_risk", "not_known")]}
        save_draft(
            actor=actor,
            reference=draft.reference,
            step="source",
            typed=typed,
            seen=Seen(draft.version, "demonstration"),
        )
    for file in form.get("files", ()):
        add_to_draft(
            actor=actor,
            reference=draft.reference,
            file=drawn(file),
            shows_source=file.get("shows_source", False),
        )
    return draft


def _send(actor: Principal, draft: Referral) -> None:
    reading = read(typed_pages(draft), _setting(), for_sender=draft.answers["for_sender"])
    if reading.problems:
        raise ValueError(f"A form of {actor.name} cannot be sent: {reading.problems}")
    send_referral(
        actor=actor,
        reference=draft.reference,
        answers=reading.answers,
        details=reading.details,
        version=draft.version,
    )


def _setting() -> FormSetting:
    agencies = db.session.execute(select(Agency.id, Agency.name).order_by(Agency.name))
    return FormSetting(current_policy(), tuple((str(identifier), name) for identifier, name in agencies))


def _pages(stage: Stage, form: Described) -> dict[str, Typed]:
    pages: dict[str, Typed] = {
        "urgency": {"urgency": [form["urgency"]]},
        "about": _typed(stage, form.get("about", {})),
        "children": {"children": [_typed(stage, one) for one in form.get("children", ())]},
        "others": {kind: [_typed(stage, one) for one in form.get(kind, ())] for kind in _OTHERS},
        "happened": _typed(stage, form.get("happened", {})),
        "sharing": _typed(stage, form.get("sharing", {})),
    }
    if "sender" in form:
        pages["sender"] = _sender(form["sender"], stage.ago(form["sender"].get("received", form["at"])))
    return {name: typed for name, typed in pages.items() if any(typed.values())}


def _typed(stage: Stage, said: Mapping[str, Any]) -> Typed:
    """Answers as a browser posts them: a day as three boxes, a list as several values."""
    typed: Typed = {}
    for name, value in said.items():
        if name in {"event_from", "event_to", "safeguarding_referral_on"}:
            typed |= _boxes(name, acting.day(value, stage.now))
        elif name == "born":
            typed |= _boxes("dob", acting.born(value, stage.now.date()))
        elif name not in _NOT_TYPED:
            typed[name] = [str(one) for one in value] if isinstance(value, list) else [str(value)]
    return typed


def _boxes(name: str, day: date) -> Typed:
    return {f"{name}-day": [str(day.day)], f"{name}-month": [str(day.month)], f"{name}-year": [str(day.year)]}


def _sender(said: Described, received: datetime) -> Typed:
    local = clock.local(received)
    agency = db.session.scalar(select(Agency.id).where(Agency.code == said.get("agency", "")))
    typed = {
        "channel": said["channel"],
        "sender_name": said.get("name", ""),
        "sender_agency_id": str(agency or ""),
        "sender_agency_name": said.get("organisation", ""),
        "sender_contact": said.get("contact", ""),
        "received_time": f"{local:%H:%M}",
    }
    return {name: [value] for name, value in typed.items()} | _boxes("received_on", local.date())


def write_leavers(stage: Stage) -> None:
    """A constable moves to another county. A draft that was never sent stays behind."""
    with stage.acting("mina-fernsby", stage.now - timedelta(days=3)) as actor:
        people.switch_off(
            actor=actor,
            user_id=person("lou-quickstep").id,
            reason="Moved to another constabulary",
            later=True,  # nobody takes the draft over yet
        )


def decide(actor: Principal, referral: Referral, step: Described, written: Mapping[str, Written]) -> None:
    """Decide some of what is on a form, with what the outcomes need."""
    about = [subject_at(referral=referral, position=position) for position in step.get("about", ())]
    decisions.decide(
        actor=actor,
        referral=referral,
        subjects=about,
        outcomes=[DecisionOutcome(outcome) for outcome in step["outcomes"]],
        reason=step["reason"],
        setting=DecisionSetting(
            opening=_opening(step["opening"]) if "opening" in step else None,
            words={
                subject_at(referral=referral, position=int(position)).id: words
                for position, words in step.get("words", {}).items()
            },
            handling=Handling.NETWORK,
            family_safe=FamilySafe(step.get("family", "ask")),
            authority=step.get("authority", ""),
            nature=InformationNature.INTELLIGENCE if "grading" in step else InformationNature.CONCERN,
            grading=Grading(**step["grading"]) if "grading" in step else None,
            district=step.get("district", ""),
            duplicate_of=written[step["duplicate_of"]].reference if "duplicate_of" in step else "",
            eligibility_reason=step.get("eligibility_reason", ""),
        ),
    )


def reopen(actor: Principal, referral: Referral, step: Described) -> None:
    """Take back what was decided on a form."""
    decisions.reopen(
        actor=actor,
        referral=referral,
        decisions=decisions.live_decisions(referral=referral),
        reason=step["reason"],
    )


def _opening(said: Described) -> Opening:
    lead = person(said["lead"])
    return Opening(
        lead_team=team_of(lead),
        lead_professional=lead,
        sensitivity=Sensitivity(said.get("sensitivity", 0)),
        sensitivity_reason=said.get("reason", ""),
        named=[person(who) for who in said.get("named", ())],
    )


def tell_team(actor: Principal, referral: Referral, said: Described) -> None:
    """Tell a team, or decide not to; `joins` brings it onto the case of the first child, and says why."""
    about = [subject_at(referral=referral, position=position) for position in said["about"]]
    telling = DisclosureRequest(
        decision=SharingDecision(said.get("decision", SharingDecision.SHARE)),
        about=about,
        text=said.get("text", ""),
        purpose=said.get("purpose", "protect_child"),
        basis=said.get("basis", "public_task"),
        conditions=said.get("conditions", ()),
        reason=said.get("reason", ""),
        refusal=said.get("refusal", ""),
        family_told=said.get("family_told", False),
        family_reason=said.get("family_reason", ""),
    )
    team = team_called(said["team"])
    disclose(actor=actor, referral=referral, team=team, telling=telling, once=new_id())
    if why := said.get("joins"):
        of_child = select(Case).join(ReferralChild, ReferralChild.child_id == Case.child_id)
        case = db.session.scalars(of_child.where(ReferralChild.subject_id == about[0].id)).one()
        decisions.join(actor=actor, referral=referral, case=case, team=team, reason=why)


def receive(actor: Principal) -> None:
    """Confirm everything that the person or a team of theirs has been told and not confirmed."""
    waiting = select(Disclosure).where(Disclosure.confirmed_at.is_(None))
    for told in db.session.scalars(waiting):
        if {told.receiver_id, told.receiver_team_id} & actor.readers:
            confirm_receipt(actor=actor, disclosure=told)
            social_care.note_opened(actor=actor, disclosure=told)


def _answer(actor: Principal, said: Described) -> None:
    """The front door says what it decided on the referral that it was sent last."""
    sent = select(Disclosure).where(Disclosure.social_care_referral_id.is_not(None))
    told = db.session.scalars(sent.order_by(Disclosure.decided_at.desc())).first()
    assert told is not None  # noqa: S101  # a file that decides on nothing is a fault of ours
    social_care.answer(actor=actor, disclosure=told, outcome=said["outcome"], words=said["words"])


@dataclass(frozen=True)
class TriageStep:
    """One thing that somebody did with a form, and what the files say of it."""

    actor: Principal
    referral: Referral
    said: Described
    written: Mapping[str, Written]
    known: Mapping[str, UUID]

    @property
    def on(self) -> dict[str, Any]:
        """Who acts on which form, as services take it."""
        return {"actor": self.actor, "referral": self.referral}

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
                    receive(actor)
                elif said["do"] == "answer":
                    _answer(actor, said)
                else:
                    referral = reread(Referral, written[form["id"]].id)
                    _STEPS[said["do"]](TriageStep(actor, referral, said, written, known))


def _hand_over(step: TriageStep) -> None:
    to = person(step.said["to"])
    work.hand_over(**step.on, to=to, note=step.said["note"])


def _set_colour(step: TriageStep) -> None:
    work.set_colour(
        **step.on,
        colour=TriageColour(step.said["colour"]),
        reason=step.said["reason"],
        seen=TriageColour(step.referral.colour or TriageColour.GREEN),
    )


def _recognise(step: TriageStep) -> None:
    child = reread(Child, step.known[step.said["known"]])
    recognition.recognise(**step.on, subject=step.child, child=child)


def _confirm_front_door(step: TriageStep) -> None:
    made = db.session.query(SocialCareReferral).filter_by(referral_id=step.referral.id).one()
    number = step.said["reference"]
    social_care.confirm(**step.on, made=made, front_door_reference=number)


_STEPS: dict[str, Callable[[TriageStep], object]] = {
    "claim": lambda step: work.claim(**step.on),
    "hand over": _hand_over,
    "colour": _set_colour,
    "ask": lambda step: feedback.send_message(**step.on, text=step.said["text"], asks_reply=True),
    "reply": lambda step: referrals.reply_to_hub(**step.on, text=step.said["text"]),
    "recognise": _recognise,
    "decide": lambda step: decide(step.actor, step.referral, step.said, step.written),
    "reopen": lambda step: reopen(step.actor, step.referral, step.said),
    "front door": _confirm_front_door,
    "tell": lambda step: tell_team(step.actor, step.referral, step.said),
    "feedback": lambda step: feedback.give_feedback(**step.on, text=step.said["text"]),
}
