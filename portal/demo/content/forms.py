"""The information forms, filled in page by page, most of them sent, some left by people who left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.demo.content import acting
from portal.demo.content.acting import Described, Stage, person
from portal.demo.content.entries import drawn
from portal.extensions import db
from portal.policy import current_policy
from portal.records.attachments.adding import add_to_draft
from portal.records.people import keeping as people
from portal.records.people.model import Agency
from portal.records.referrals.drafts import Seen, save_draft, start_draft, typed_pages
from portal.records.referrals.forms.pages import FormSetting, Typed, read
from portal.records.referrals.model import Referral
from portal.records.referrals.sending import send_referral

#: The lists on the page of people, places and things.
_OTHERS = ("people", "places", "vehicles", "phones", "accounts")

#: Which of the known children it is: for the steps of the hub, and not on the form.
_NOT_TYPED = {"known"}


@dataclass(frozen=True)
class Written:
    """A form as the rest of the demonstration refers to it."""

    id: UUID
    reference: str


def write(stage: Stage, forms: Sequence[Described]) -> dict[str, Written]:
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
