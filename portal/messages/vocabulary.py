"""The words for what people are told, how, and what became of it."""

from dataclasses import dataclass

from portal.vocabulary import Labelled


@dataclass(frozen=True)
class Event:
    """Something that happened, of which policy says who is told (`telling.toml`).

    A noun has its own in `records/<noun>/vocabulary.py`, where they are found; the services that make one
    happen name it when they ask `portal.messages.telling.tell`.

    Attributes:
        code: what policy, messages and news call it; it never changes.
        label: what happened, as a line under “What changed since you last looked”.
        critical: whether it stands above other news: a child is in more danger than before.
        one_line: of several by one person about one record the newest alone is news.
    """

    code: str
    label: str
    critical: bool = False
    one_line: bool = False


class MessageChannel(Labelled):
    """How somebody is told. Whoever has an account also sees what they are told by e-mail in the portal."""

    MAIL = "mail", "E-mail"
    PORTAL = "portal", "In the portal only"
    DIGEST = "digest", "In the morning message"
    WEEKLY = "weekly", "In the weekly message"


#: The outcome of a message that is new no more, and was not read for that: a colleague answered.
ANSWERED = "answered"


class MessageState(Labelled):
    """The life of a message."""

    OWED = "owed", "Owed: waiting for its time"
    QUEUED = "queued", "Being sent"
    ACCEPTED = "accepted", "Accepted by the mail server"
    REFUSED = "refused", "Refused by the mail server"
    CANCELLED = "cancelled", "Cancelled: no longer owed"
    DEAD = "dead", "Could not be sent"
    SHOWN = "shown", "Shown in the portal"


class MessageRecipient(Labelled):
    """Whom a rung of a ladder tells. A team is told at its duty address."""

    OWNER = "owner", "Whoever has to do it"
    OWNER_MANAGER = "owner_manager", "Their manager"
    AGENCY_LEAD = "agency_lead", "The lead of their agency"
    ASKER = "asker", "Whoever asked"
    CHAIR = "chair", "The chair of the meeting"
    INVITED = "invited", "Everyone invited who has not sent apologies"
    INVITED_UNANSWERED = "invited_unanswered", "Everyone invited who has not answered"
    LEAD_PROFESSIONAL = "lead_professional", "The lead professional of the case"
    HUB = "hub", "The safeguarding hub"
    NETWORK = "network", "Whoever works on the case, and their teams"
    CHAIR_LACKS_PAPER = "chair_lacks_paper", "The chair of a meeting that lacks a paper"
    LEADS_UNANSWERED = "leads_unanswered", "Leads of agencies that a meeting needs and that have not answered"


class Ground(Labelled):
    """Why somebody is told. The label stands behind their name: “Wanda Worker (leads the case)”."""

    # What the database finds for a case (`ctx.hear_of_case`).
    LEAD_PROFESSIONAL = "lead_professional", "leads the case"
    LEAD_MANAGER = "lead_manager", "manages in the agency that leads"
    WORKER = "worker", "works on the case"
    TEAM = "team", "team on the case"
    READER = "reader", "is named on the case"
    CHAIR = "chair", "chairs a meeting on the case"
    CHAIR_SOON = "chair_soon", "chairs a meeting on the case within days"
    INVITED_LATER = "invited_later", "is invited to a meeting on the case"
    ACTION_OWNER = "action_owner", "has an action on it"
    # What nouns find that hang on no case. Of a case that whoever tells does not read, nobody is named.
    LEAD_UNSEEN = "lead_unseen", "leads a case of the child"
    WORKER_UNSEEN = "worker_unseen", "works on a case of the child"
    LINKED = "linked", "works with the child on a linked record"
    KEEPER = "keeper", "answers for it"
    SHOWN = "shown", "may see it"
    COUNCIL = "council", "council of the district"
    EXPLOITATION_DESK = "exploitation_desk", "police exploitation desk"
    # What belongs to no case.
    HUB = "hub", "the hub"
    POLICE_DESK = "police_desk", "police missing desk"
    SOCIAL_CARE = "social_care", "social care of the responsible authority"
    SOCIAL_CARE_HOST = "social_care_host", "social care of the host authority"
    SOCIAL_CARE_RECORD = "social_care_record", "social care of the authority on the child’s record"
    ADMINISTRATOR = "administrator", "administers the portal"
    GOVERNANCE = "governance", "governance"
    # What the step itself says.
    OWNER = "owner", "has it to do"
    OWNER_BEFORE = "owner_before", "had it before"
    ASKED = "asked", "is asked"
    ASKER = "asker", "asked"
    AUTHOR = "author", "sent it"
    PERSON = "person", "whom it concerns"
    JOINING = "joining", "joins the case"
    JOINING_WORKER = "joining_worker", "works on it there"
    LEAVING = "leaving", "no longer sees it"
    INVITED = "invited", "is invited"
    RECIPIENT = "recipient", "is given it"
    MANAGER = "manager", "manages there"
    CALLER = "caller", "called the meeting or takes its notes"
    SECOND = "second", "may agree as the second person"
    GIVER = "giver", "follows how it goes"
    HEARD_BEFORE = "heard_before", "was told before"
    SERVICE = "service", "knows the child"
    CHOSEN = "chosen", "chosen service"
    DEPUTY = "deputy", "covers the case"
    AGENCY_LEAD = "agency_lead", "leads the agency"
    FOLLOW_UP = "follow_up", "leads what follows"
    CITES = "cites", "wrote what cites it"
    COPIED = "copied", "took a copy"
    FORMER_TEAM = "former_team", "worked on it before"
    PREPARES_PANEL = "prepares_panel", "prepares the panel of the district"
    INTELLIGENCE_DESK = "intelligence_desk", "police intelligence desk"
    POLICE = "police", "the police on the case"
    HEALTH = "health", "health on the case"
    SCHOOL = "school", "the school or college on the case"
    OUTSIDE = "outside", "has no account"


#: What `ctx.hear_of_case` finds; all others are found otherwise, or named by the step.
OF_CASE = frozenset(
    {
        Ground.LEAD_PROFESSIONAL,
        Ground.LEAD_MANAGER,
        Ground.WORKER,
        Ground.TEAM,
        Ground.READER,
        Ground.CHAIR,
        Ground.CHAIR_SOON,
        Ground.INVITED_LATER,
        Ground.ACTION_OWNER,
    }
)


class TellBy(Labelled):
    """By which way policy has somebody told."""

    MAIL = "mail", "E-mail, and in the portal; a team at its duty address and its people in the portal"
    BELL = "bell", "In the portal"
    DIGEST = "digest", "In the morning message, and in the portal"
    WEEKLY = "weekly", "In the weekly message, and in the portal"
    NEWS = "news", "Among what changed since they last looked"
    HAND = "hand", "By whoever made it happen, themselves: they have no account"


#: By which channel a message goes of what policy has told by a way.
CHANNELS = {
    TellBy.MAIL: MessageChannel.MAIL,
    TellBy.BELL: MessageChannel.PORTAL,
    TellBy.DIGEST: MessageChannel.DIGEST,
    TellBy.WEEKLY: MessageChannel.WEEKLY,
}


class UntoldReason(Labelled):
    """Why nobody could be told who had to be."""

    NOBODY = "nobody", "There is nobody who may be told"
    NO_REACH = "no_reach", "Nobody there may see what it is about"
    NOT_SENT = "not_sent", "The mail server did not take it"
    NOT_OPENED = "not_opened", "It was not opened, and there is nobody else there who may see it"
    AWAY = "away", "Away, and nobody else who may see it can be told"
    LEFT = "left", "No longer at that agency, and nobody else who may see it can be told"
    ADDRESS = "address", "E-mail to the address came back, and nobody else who may see it can be told"
    TEAM_CLOSED = "team_closed", "The team is closed, and nobody else who may see it can be told"


class CancelReason(Labelled):
    """Why a message was not sent: when its time came, it was no longer owed."""

    DONE = "done", "What it was about has been done"
    OPENED = "opened", "What nobody had opened was opened meanwhile"
    NO_LONGER_NEEDED = "no_longer_needed", "What it was about is no longer needed"
    MOVED = "moved", "The date was moved, and reminders follow the new one"
    HANDED_OVER = "handed_over", "Somebody else has to do it now, and is told"
    ANSWERED = "answered", "The question was answered"
    WITHDRAWN = "withdrawn", "It was withdrawn"
    MEETING_CANCELLED = "meeting_cancelled", "The meeting was cancelled"
    MEETING_OVER = "meeting_over", "The meeting is over"
    NOT_COMING = "not_coming", "Whoever was told is not coming to the meeting"
    TOLD_ALREADY = "told_already", "Everyone who may see it is told by another message"
    NEWER = "newer", "A newer message says the same, brought up to date"
    SENT_MEANWHILE = "sent_meanwhile", "The form was sent or deleted"
    PAST_DAY = "past_day", "It was about a day that is over"
    NOTHING_DUE = "nothing_due", "Nothing was due any more"
    NO_REACH = "no_reach", "Nobody in the agency may see what it is about any more"
    AWAY = "away", "The person is away, and it was for them alone"
    LEFT = "left", "The person has left, and it was for them alone"
    ADDRESS = "address", "E-mail to the person’s address came back, and it was for them alone"


class HandReason(Labelled):
    """Why a message went to somebody else than it was meant for."""

    AWAY = "away", "Away on that day"
    LEFT = "left", "No longer at that agency"
    NO_REACH = "no_reach", "May not see what it is about any more"
    ADDRESS = "address", "E-mail to the address came back"
    TEAM_CLOSED = "team_closed", "The team is closed"
    NOT_OPENED = "not_opened", "Not opened in time"


class DeadReason(Labelled):
    """Why a message could not be sent, although it was owed. What a mail server said stands as it said it."""

    NOBODY_TO_TELL = "nobody_to_tell", "There is nobody who may see it and can be told"
    GAVE_UP = "gave_up", "The mail server could not be reached for too long"


#: Why somebody without an account need not be told any more of a meeting that was cancelled.
PAST = "The time of the meeting that was cancelled is past"
