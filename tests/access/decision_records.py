"""Where the records of `decisions.csv` are: rows of tables, and the pages with their words."""

from dataclasses import dataclass
from typing import Any

from portal.deadlines.model import Deadline
from portal.messages.model import Absence, AddressSuspension, OutboxMessage, Untold
from portal.records.assessments.model import RiskAssessment
from portal.records.attachments.model import Attachment, AttachmentContent
from portal.records.by_hand.model import ToldByHand
from portal.records.cases.model import AccessGrant, Alert, Case, CaseNotice, ChronologyEntry, Involvement
from portal.records.children.model import Child, ChildAlias, ChildRecord, ChildStatement, StatementRelease
from portal.records.concerns.model import Concern, ConcernLink
from portal.records.disclosures.model import Disclosure, DisclosureText
from portal.records.entries.model import Citation, CitedEntry, EntryChange
from portal.records.intelligence.model import EntrySource
from portal.records.linked_processes.model import LinkedProcess
from portal.records.meetings.model import Invitation, Meeting
from portal.records.minutes.model import FamilyPassage, MinutesIssue
from portal.records.missing.model import MissingEpisode, MissingMatch, MissingPrompt
from portal.records.orders.model import ConcernOrder, OrderChild
from portal.records.places.model import DirectoryEntry, Guardian, PlaceFact
from portal.records.plans.model import Action, ActionNote, Plan
from portal.records.referrals.model import Feedback, Referral, ReferralNotice, ReferralSource
from portal.records.requests.model import InformationAnswer, InformationRequest
from portal.records.return_interviews.model import ReturnChange, ReturnInterview, ReturnInterviewEpisode
from portal.records.safety_plans.model import SafetyPlan
from portal.records.triage.model import TriageDecision


@dataclass(frozen=True)
class Record:
    """One record: `record` is its name in the scene."""

    model: type[Any]
    record: str
    key: Any
    pages: tuple[str, ...] = ()  # where whoever may read it finds it
    never: tuple[str, ...] = ()  # where nobody finds it


CASE, CHILD, PRINT = "/cases/{case}", "/children/{child}", "/cases/{case}/print"
SENT, HUB, ASKED = "/sent/{form}", "/triage/{form}", "/requests/{question}"

#: What each `read …` of the file means.
READS: dict[str, Record] = {
    "read an entry for the network": Record(
        ChronologyEntry, "entry-network", ChronologyEntry.id, pages=(CASE, PRINT)
    ),
    "read an entry for named agencies": Record(
        ChronologyEntry, "entry-agencies", ChronologyEntry.id, pages=(CASE, PRINT)
    ),
    "read an entry for its own agency": Record(
        ChronologyEntry, "entry-own", ChronologyEntry.id, pages=(CASE, PRINT)
    ),
    "read whom an order protects": Record(OrderChild, "order", OrderChild.order_id),
    "read where intelligence came from": Record(
        EntrySource,
        "entry-source",
        EntrySource.entry_id,
        pages=("/cases/{case}/entries/{graded}/grading",),
        never=(CASE, PRINT),
    ),
    "read who works on the case": Record(Involvement, "involvement", Involvement.id),
    "read what is linked to a child of the case": Record(ConcernLink, "linked child", ConcernLink.id),
    "read an alert": Record(Alert, "alert", Alert.id),
    "read a risk assessment": Record(RiskAssessment, "assessment", RiskAssessment.id),
    "read that something is cited": Record(Citation, "citation", Citation.id),
    "read what is cited": Record(CitedEntry, "citation", CitedEntry.citation_id),
    "read a plan": Record(Plan, "plan", Plan.id),
    "read an action": Record(Action, "action", Action.id),
    "read an action that a team owns": Record(
        Action, "action-team", Action.id, pages=("/actions/{action-team}",)
    ),
    "read an action on a place": Record(Action, "action on a place", Action.id),
    "read who could watch a place": Record(Guardian, "guardian", Guardian.id),
    "read a note on an action for the network": Record(
        ActionNote, "note-network", ActionNote.id, pages=("/actions/{action-team}",)
    ),
    "read a linked process": Record(LinkedProcess, "process", LinkedProcess.id, pages=("/linked/{process}",)),
    "read a missing episode": Record(
        MissingEpisode, "returned episode", MissingEpisode.id, pages=("/missing/{returned episode}",)
    ),
    "read what repeated missing episodes ask": Record(MissingPrompt, "prompt", MissingPrompt.id),
    "read a return interview": Record(
        ReturnInterview, "interview", ReturnInterview.id, pages=("/return-interviews/{interview}",)
    ),
    "read a return interview for named agencies": Record(
        ReturnInterview,
        "interview-agencies",
        ReturnInterview.id,
        pages=("/return-interviews/{interview-agencies}",),
    ),
    "read a return interview for its own agency": Record(
        ReturnInterview, "interview-own", ReturnInterview.id, pages=("/return-interviews/{interview-own}",)
    ),
    "read how a return interview for its own agency was before": Record(
        ReturnChange, "interview-own-change", ReturnChange.id
    ),
    "read that there is a return interview for its own agency": Record(
        ReturnInterviewEpisode, "interview-own", ReturnInterviewEpisode.interview_id
    ),
    "read a safety plan": Record(SafetyPlan, "safety plan", SafetyPlan.id),
    "read a deadline of the case": Record(Deadline, "deadline", Deadline.id),
    "read a deadline that one owns": Record(Deadline, "owned deadline", Deadline.id),
    "read a deadline that one owned for a former agency": Record(
        Deadline, "formerly owned deadline", Deadline.id
    ),
    "read an emergency access": Record(AccessGrant, "emergency", AccessGrant.id),
    "read a named person": Record(AccessGrant, "grant", AccessGrant.id),
    "read who the child is": Record(Child, "child", Child.id),
    "read the child’s record": Record(ChildRecord, "child", ChildRecord.child_id),
    "read an address": Record(ChildStatement, "address", ChildStatement.id, pages=(CHILD,)),
    "read a held back address": Record(
        ChildStatement, "held-back-address", ChildStatement.id, pages=(CHILD,), never=(PRINT,)
    ),
    "read why an address may be seen": Record(
        StatementRelease, "release", StatementRelease.id, pages=(CHILD,), never=(PRINT,)
    ),
    "read why a held back address was seen": Record(
        StatementRelease, "held-back-release", StatementRelease.id, never=(PRINT,)
    ),
    "read a correction of an entry for the network": Record(
        ChronologyEntry, "correction-network", ChronologyEntry.id, pages=(CASE, PRINT)
    ),
    "read a correction of an entry for its own agency": Record(
        ChronologyEntry, "correction-own", ChronologyEntry.id, pages=(CASE, PRINT)
    ),
    "read what an entry for its own agency said before": Record(
        ChronologyEntry, "entry-own-before", ChronologyEntry.id
    ),
    "read how an entry for the network was put right": Record(
        EntryChange, "entry-network-change", EntryChange.id
    ),
    "read how an entry for its own agency was put right": Record(
        EntryChange, "entry-own-change", EntryChange.id
    ),
    "read who owes the triage of a form": Record(Deadline, "triage of a form", Deadline.id),
    "read an alias": Record(ChildAlias, "alias", ChildAlias.id, pages=(CHILD,)),
    "read the question to a team": Record(
        InformationRequest, "question", InformationRequest.id, pages=(CASE, ASKED)
    ),
    "read the question to a person": Record(InformationRequest, "question-by-name", InformationRequest.id),
    "read a question to release an entry for named agencies": Record(
        InformationRequest, "question-to-release", InformationRequest.id
    ),
    "read a question whose time is over": Record(InformationRequest, "question-over", InformationRequest.id),
    "read an answer for the network": Record(
        InformationAnswer, "answer-network", InformationAnswer.id, pages=(CASE, ASKED)
    ),
    "read an answer for its own agency": Record(
        InformationAnswer, "answer-own", InformationAnswer.id, pages=(CASE, ASKED)
    ),
    "read minutes that were given": Record(
        MinutesIssue, "minutes", MinutesIssue.id, pages=("/minutes/{minutes}",)
    ),
    "read a passage chosen for the family": Record(FamilyPassage, "passage", FamilyPassage.id),
    "read a file on an entry for its own agency": Record(
        Attachment, "file-own", Attachment.id, pages=(CASE, PRINT)
    ),
    "read a file on a meeting": Record(Attachment, "file-meeting", Attachment.id),
    "read a file that shows the source": Record(
        Attachment, "file-source", Attachment.id, pages=(SENT, HUB), never=("/sent/{form}/print",)
    ),
    "read what is in a file that was checked": Record(
        AttachmentContent, "file", AttachmentContent.attachment_id
    ),
    "read what is in a file that waits to be checked": Record(
        AttachmentContent, "file-waiting", AttachmentContent.attachment_id
    ),
    "read a draft": Record(Referral, "draft", Referral.id),
    "read a sent form": Record(Referral, "form", Referral.id, pages=(SENT, HUB)),
    "read a form about a colleague": Record(
        Referral,
        "form-colleague",
        Referral.id,
        pages=("/sent/{form-colleague}", "/triage/{form-colleague}"),
    ),
    "read the source": Record(ReferralSource, "source", ReferralSource.referral_id, pages=(SENT, HUB)),
    "read the feedback": Record(Feedback, "feedback", Feedback.id, pages=(SENT, HUB)),
    "read a decision on a form": Record(TriageDecision, "decision", TriageDecision.id),
    "read that a leaver’s draft exists": Record(ReferralNotice, "left-draft", ReferralNotice.referral_id),
    "read a leaver’s draft unopened": Record(Referral, "left-draft", Referral.id),
    "read a leaver’s draft opened with a reason": Record(Referral, "left-draft-opened", Referral.id),
    "read that somebody was told": Record(Disclosure, "disclosure", Disclosure.id),
    "read what somebody was told": Record(
        DisclosureText, "disclosure", DisclosureText.disclosure_id, pages=("/told/{disclosure}",)
    ),
}

#: What each verb works on, where it works on one record.
SUBJECTS: dict[str, Record] = {
    **{verb: Record(Case, "case", Case.id) for verb in ("plan:view", "plan:write", "action:give")},
    **{verb: Record(Case, "case", Case.id) for verb in ("linked:list", "linked:begin")},
    **{
        f"linked:{verb}": Record(LinkedProcess, "process", LinkedProcess.id)
        for verb in ("view", "step", "note")
    },
    "linked:personal": Record(LinkedProcess, "own report", LinkedProcess.id),
    **{
        f"action:{verb}": Record(Action, "action", Action.id)
        for verb in ("view", "note", "work", "confirm", "effect", "change", "hand_over")
    },
    **{
        verb: Record(Case, "case", Case.id)
        for verb in (
            *("entry:add", "involvement:add", "grant:add", "case:lead", "alert:add", "request:ask"),
            *("sensitivity:raise", "sensitivity:lower", "sensitivity:confirm"),
            *("case:close", "case:agree_to_close", "case:reopen"),
            *("handover:view", "handover:write", "handover:finalise"),
        )
    },
    **{
        verb: Record(Involvement, "involvement", Involvement.id)
        for verb in ("involvement:end", "worker:name")
    },
    **{
        f"assessment:{verb}": Record(RiskAssessment, "assessment", RiskAssessment.id)
        for verb in ("view", "abandon", "answer", "conclude", "agree", "sign_off")
    },
    **{
        f"safety_plan:{verb}": Record(SafetyPlan, "safety plan", SafetyPlan.id)
        for verb in ("view", "write", "decide")
    },
    **{
        f"missing:{verb}": Record(MissingEpisode, "returned episode", MissingEpisode.id)
        for verb in ("view", "change", "interview", "withdraw")
    },
    "missing:move": Record(MissingMatch, "match", MissingMatch.id),
    "missing:answer": Record(MissingPrompt, "prompt", MissingPrompt.id),
    **{
        f"interview:{verb}": Record(ReturnInterview, "interview", ReturnInterview.id)
        for verb in ("view", "record")
    },
    "due_date:change": Record(Case, "case", Case.id),
    "assessment:start": Record(Case, "case", Case.id),
    "entry:cite": Record(RiskAssessment, "assessment", RiskAssessment.id),
    "citation:withdraw": Record(CitedEntry, "citation", CitedEntry.citation_id),
    "entry:correct": Record(ChronologyEntry, "entry", ChronologyEntry.id),
    "intelligence:add": Record(Case, "case", Case.id),
    **{f"order:{verb}": Record(ConcernOrder, "order", ConcernOrder.id) for verb in ("view", "keep")},
    "order:record": Record(Concern, "concern", Concern.id),
    **{f"by_hand:{verb}": Record(ToldByHand, "told by hand", ToldByHand.id) for verb in ("view", "record")},
    **{
        f"intelligence:{verb}": Record(ChronologyEntry, "entry", ChronologyEntry.id)
        for verb in ("view", "grade", "release")
    },
    "moment:review": Record(ChronologyEntry, "entry", ChronologyEntry.id),
    "attachment:add": Record(ChronologyEntry, "entry", ChronologyEntry.id),
    **{
        verb: Record(Attachment, "file", Attachment.id) for verb in ("attachment:view", "attachment:withdraw")
    },
    "alert:change": Record(Alert, "alert", Alert.id),
    "message:read": Record(OutboxMessage, "message", OutboxMessage.id),
    "message:retry": Record(OutboxMessage, "dead message", OutboxMessage.id),
    "untold:see_to": Record(Untold, "untold", Untold.id),
    "address:lift": Record(AddressSuspension, "suspended address", AddressSuspension.id),
    "absence:enter": Record(Absence, "absence", Absence.id),
    **{verb: Record(CaseNotice, "case", CaseNotice.case_id) for verb in ("access:ask", "audit:view")},
    "access:answer": Record(Case, "case", Case.id),
    "child:view": Record(Child, "child", Child.id),
    **{
        verb: Record(ChildRecord, "child", ChildRecord.child_id)
        for verb in ("child:state", "child:correct", "child:link")
    },
    "child:restate": Record(ChildStatement, "statement", ChildStatement.id),
    "disclosure:view": Record(Disclosure, "disclosure", Disclosure.id),
    "disclosure:confirm": Record(Disclosure, "disclosure", Disclosure.id),
    "referral:view": Record(Referral, "referral", Referral.id),
    "referral:reply": Record(Referral, "referral", Referral.id),
    "referral:triage": Record(Referral, "referral", Referral.id),
    "disclosure:make": Record(Referral, "referral", Referral.id),
    "referral:write": Record(Referral, "draft", Referral.id),
    "draft:open": Record(Referral, "left-draft-opened", Referral.id),
    **{
        verb: Record(InformationRequest, "question", InformationRequest.id)
        for verb in ("request:view", "request:answer", "request:withdraw")
    },
    "meeting:view": Record(Meeting, "meeting", Meeting.id),
    "meeting:call": Record(Case, "case", Case.id),
    **{
        verb: Record(Meeting, "meeting", Meeting.id)
        for verb in ("meeting:run", "minutes:write", "minutes:close_part", "decision:record", "level:propose")
    },
    "level:settle": Record(Case, "case", Case.id),
    **{
        verb: Record(Meeting, "meeting", Meeting.id)
        for verb in (
            *("minutes:circulate", "minutes:approve", "minutes:distribute"),
            *("family:choose", "family:confirm"),
        )
    },
    **{
        verb: Record(MinutesIssue, "minutes", MinutesIssue.id)
        for verb in ("minutes:correct", "minutes:read_copy")
    },
    "invitation:reply": Record(Invitation, "invitation", Invitation.id),
    **{verb: Record(Concern, "place", Concern.id) for verb in ("guardian:write", "place:describe")},
    "place:take_back": Record(PlaceFact, "place fact", PlaceFact.id),
    "directory:keep": Record(DirectoryEntry, "contact", DirectoryEntry.id),
    **{
        f"concern:{verb}": Record(Concern, "concern", Concern.id)
        for verb in (
            *("view", "change", "keep", "release", "grade", "police_status", "note", "link", "compare"),
            "unlink",
        )
    },
}
