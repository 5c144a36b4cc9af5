"""The first pages: how urgent it is, who told the hub, and what it is about."""

from typing import Any

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than WTForms 3.3
from wtforms.validators import ValidationError

from portal import clock
from portal.forms.times import ADVICE, read_time
from portal.pathway.calendar import at_local
from portal.records.referrals.forms.base import PageForm, Setting, answers_of, offered
from portal.records.referrals.vocabulary import Channel
from portal.vocabulary import Urgency
from portal.web.fields import Checkboxes, Choice, DateBoxes, LongText, Radios, Select, Text, required


class UrgencyForm(PageForm):
    """Whether somebody has to act before the hub can."""

    step = "urgency"
    urgency = Radios(
        "Is someone in danger now, or could they be in the next 24 hours?",
        choices=answers_of(Urgency),
        validators=[required("Choose how urgent it is")],
        legend_size="m",
    )


class SenderForm(PageForm):
    """Who told the hub, how and when: the clock starts at that moment."""

    step = "sender"
    channel = Radios(
        "How did it reach the hub?",
        choices=[Choice(one.value, one.label) for one in Channel if one is not Channel.PORTAL],
        validators=[required("Choose how it reached the hub")],
    )
    sender_name = Text("Who sent it?", hint="Their name, and what they do")
    sender_agency_id = Select("Their organisation", prompt="Not known, or not in this list")
    sender_agency_name = Text("Name of an organisation that is not in the list")
    sender_contact = LongText("How to reach them", hint="Phone number or email address", rows=2)
    received_on = DateBoxes(
        "Which day did it arrive?",
        hint="The time that the hub has to look at it starts then",
        called="Day that it arrived",
        latest=clock.today,
        validators=[required("Enter the day that it arrived")],
    )
    received_time = Text(
        "At what time?",
        hint="For example, 14:30",
        width=5,
        validators=[required("Enter the time it arrived")],
    )

    def choices_for(self, setting: Setting) -> dict[str, list[SelectChoice]]:
        """The agencies of the partnership."""
        return {"sender_agency_id": [SelectChoice(code, name) for code, name in setting.agencies]}

    def validate_received_time(self, field: Text) -> None:
        """A time of day that is not still to come."""
        read = read_time(field.data or "")
        if read is None:
            raise ValidationError(ADVICE)
        day = self.received_on.data
        if day is not None and at_local(day, read) > clock.now():
            raise ValidationError("It cannot have arrived in the future: check the day and the time")

    def answers(self) -> dict[str, Any]:
        """Day and time as one moment."""
        found = super().answers()
        day, at = found.pop("received_on", None), read_time(found.pop("received_time", ""))
        if day and at:
            found["received_at"] = at_local(self.received_on.data, at).isoformat()
        return found


class AboutForm(PageForm):
    """What it is about, and what kind of harm."""

    step = "about"
    kind = Radios(
        "What is it mainly about?",
        choices=(),
        hint="You can add the others on the next pages",
        validators=[required("Choose what it is mainly about")],
    )
    types = Checkboxes("What kind of exploitation might it be?", choices=())
    contexts = Checkboxes("How is it happening?", choices=())
    contact = Radios("Is it in person?", choices=())
    district = Select("Where is it mainly happening?", choices=())

    def choices_for(self, setting: Setting) -> dict[str, list[SelectChoice]]:
        """The lists of the partnership."""
        exploitation = setting.policy.exploitation
        return {
            "kind": offered(setting.policy.referral.kinds),
            "types": offered(exploitation.types, not_known="Not known yet"),
            "contexts": offered(exploitation.contexts),
            "contact": offered(exploitation.contact),
            "district": [
                *offered(setting.policy.areas.districts),
                SelectChoice("elsewhere", "Outside Derby and Derbyshire"),
                SelectChoice("not_known", "Not known"),
            ],
        }
