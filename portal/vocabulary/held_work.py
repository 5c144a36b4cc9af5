"""The words for what somebody leads, owns and is invited to."""

from portal.labelled import Labelled


class HeldWork(Labelled):
    """What somebody has in hand, in the order in which it is shown."""

    LEADS = "leads", "Cases they lead"
    WORKS = "works", "Cases they are named on as their team’s worker"
    ACTIONS = "actions", "Actions of theirs that are open"
    ALERTS = "alerts", "Alerts that they review"
    PROCESSES = "processes", "Processes of other services that they see to"
    DUTIES = "duties", "Other duties with their name on them"
    CHAIRS = "chairs", "Meetings they chair, until the minutes are out"
    NOTES = "notes", "Meetings they take the notes of, until the minutes are out"
    INVITATIONS = "invitations", "Meetings they are invited to"
    QUESTIONS = "questions", "Questions that were put to them by name"
    FORMS = "forms", "Forms that they have in triage"
    DRAFTS = "drafts", "Forms that they began and have not sent"
    ASSESSMENTS = "assessments", "Risk assessments that they are writing"
    SAFETY_PLANS = "safety_plans", "Safety plans that they began and that are not in force"
    TEAMS = "teams", "Teams they manage"
    AGENCIES = "agencies", "Agencies they lead"


#: What one can give to somebody else in one step; what becomes of the rest stands in `INSTEAD`.
CAN_BE_HANDED_OVER = (
    HeldWork.LEADS,
    HeldWork.WORKS,
    HeldWork.ACTIONS,
    HeldWork.ALERTS,
    HeldWork.PROCESSES,
    HeldWork.CHAIRS,
    HeldWork.NOTES,
    HeldWork.FORMS,
)

#: What becomes of what cannot be given to somebody else.
INSTEAD = {
    HeldWork.DUTIES: "Where they have left, reminders go to their team, then to its manager.",
    HeldWork.INVITATIONS: "An invitation is for one person. Whoever runs the meeting invites somebody else.",
    HeldWork.QUESTIONS: "A question to a person stays with them. Whoever asked can ask the team instead.",
    HeldWork.DRAFTS: "Once they have left, their manager can open each, with a reason, under “What we sent”.",
    HeldWork.ASSESSMENTS: "Whoever may write in the assessment goes on with it on the case.",
    HeldWork.SAFETY_PLANS: "Whoever may write in the plan goes on with it on the case.",
    HeldWork.TEAMS: "An administrator names another manager on the page of the agency.",
    HeldWork.AGENCIES: "An administrator names another lead on the page of the agency.",
}
