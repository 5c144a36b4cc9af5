"""What happens to people, their roles, teams and ways in that people are told of."""

from portal.messages.vocabulary import Event

ROLES_ASKED = Event("roles_asked", "A change of roles waits for a second administrator")
ROLES_CHANGED = Event("roles_changed", "What somebody may do has changed")
ROLES_TAKEN_BACK = Event("roles_taken_back", "Whoever asked for a change of roles took that back")
ROLES_REFUSED = Event("roles_refused", "A change of roles was turned down")
WORK_LEFT = Event("work_left", "Somebody left work behind")
SEALED_WORK_LEFT = Event("sealed_work_left", "Somebody who is named on a sealed case left, or lost a role")
SEALED_LEAD_LEFT = Event(
    "sealed_lead_left", "The lead of a sealed case left while the child is missing", critical=True
)
INVITED = Event("person_invited", "Somebody was invited to the portal")
GONE = Event("person_gone", "Somebody was switched off, or left a team")
TEAMS_CHANGED = Event("teams_changed", "Somebody joined or left a team")
WORKER_GONE = Event("worker_gone", "Somebody who has something to do on a case reads it no more")
MEETING_PART_LEFT = Event("meeting_part_left", "Somebody who has a part in a meeting has left")
SENDER_LEFT = Event("form_sender_left", "Whoever sent a form has left, and the hub waits for their answer")
COVER_LOST = Event("cover_lost", "Whoever covers a case of somebody who is away reads it no longer")
COVER_LOST_NOW = Event(
    "cover_lost_now",
    "Whoever covers a case at HIGH, or of a missing child, reads it no longer",
    critical=True,
)
TEAM_MOVED = Event("team_moved", "Somebody was moved to another team")
ACCOUNT_CHANGED = Event("account_changed", "Somebody’s account was changed")
CLOSED = Event("team_closed", "A team or agency is no longer in use")
CHARGE_ENDED = Event("charge_ended", "Nobody manages a team, or leads an agency, any more")
REACHED_ELSEWHERE = Event("team_reached_elsewhere", "A team is reached at another address or number")
DESK_LEFT = Event("team_left_desk", "A team no longer answers for what comes to a desk")
PROVIDER_ADDED = Event("provider_added", "A provider waits to be switched on")
PROVIDER_OFF = Event("provider_off", "Nobody signs in with a provider any more")
