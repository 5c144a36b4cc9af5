"""Meetings: calling, inviting, answering, changing."""

from uuid import UUID

from wtforms.validators import Optional

from portal.forms.offering import OfferingForm
from portal.records.meetings.vocabulary import InvitationReply
from portal.web.fields import Choice, Hidden, LongText, Radios, Select, required


class ReplyForm(OfferingForm):
    """Whether somebody comes."""

    reply = Radios("Do you come?", validators=[required("Choose whether you come")], legend_size="m")
    reason = LongText(
        "Why can you not come?",
        hint="Only that you cannot, not about a child. Whoever chairs reads it",
        rows=2,
        limit=500,
        validators=[Optional()],
    )
    deputy = Select("Who comes instead?", hint="A colleague of your agency", validators=[Optional()])
    version = Hidden(default="0")

    @classmethod
    def asking(cls, colleagues: list[Choice], *, for_team: bool, deputies: bool, **data: str) -> "ReplyForm":
        """The form for a person or, `for_team`, for whoever of a team comes."""
        form = cls(data=data)
        offered = [Choice(InvitationReply.COMING, "I am coming")]
        apologies = "Nobody of the team can come" if for_team else "I cannot come"
        if deputies:
            deputy = "A colleague comes" if for_team else "A deputy comes for me"
            offered.append(Choice(InvitationReply.DEPUTY, deputy))
        offered.append(Choice(InvitationReply.APOLOGIES, apologies))
        form.offer("reply", offered)
        form.offer("deputy", colleagues, prompt=True)
        return form

    @property
    def answer(self) -> InvitationReply:
        """What was chosen."""
        return InvitationReply(self.said("reply"))

    @property
    def deputy_id(self) -> UUID | None:
        """Who comes instead, where somebody does."""
        chosen = self.said("deputy") if self.answer is InvitationReply.DEPUTY else ""
        return UUID(chosen) if chosen else None
