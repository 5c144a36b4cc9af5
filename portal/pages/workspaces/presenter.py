"""The workspace of a person: one page for every sector, each with its own words."""

from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, request, url_for

from portal.access import audit, principal
from portal.access.principal import Principal
from portal.pages.workspaces import reading as workspace
from portal.pages.workspaces import tasks as workspace_tasks
from portal.records.cases.presenter import case_table
from portal.records.cases.reading import lists as cases
from portal.records.cases.reading.lists import Reader
from portal.records.children import presenter as child_page
from portal.records.disclosures import reading as disclosures
from portal.records.linked_processes.facts import duty_label
from portal.vocabulary import ROLES_THAT_SEE_CASES, Sector
from portal.web.page import page_links, render

SHOWN = 20

_OWN = {
    Sector.POLICE: "police.index",
    Sector.SOCIAL_CARE: "social_care.index",
    Sector.HEALTH: "health.index",
    Sector.COUNCIL: "council.index",
}

_TEMPLATES = {
    "home.index": "home/workspace.html",
    "police.index": "police/index.html",
    "social_care.index": "social_care/index.html",
    "health.index": "health/index.html",
    "council.index": "council/index.html",
}


@dataclass(frozen=True)
class Tab:
    """One way to read the list of cases: mine, my team's, my agency's."""

    text: str
    href: str
    current: bool


def endpoint_of(person: Principal) -> str:
    """Where a person's work starts: the queue of the hub, the workspace of their sector, the shared home."""
    if person.is_coordinator and "hub.queue" in current_app.view_functions:
        return "hub.queue"
    return _OWN.get(person.sector, "home.index") if person.has(*ROLES_THAT_SEE_CASES) else "home.index"


def show(endpoint: str) -> Response:
    """The workspace at `endpoint`, in the words of its template. Leaves the audit row of the look."""
    person = principal.current()
    readers = cases.readers(person)
    wanted = request.args.get("whose")
    reader = next((one for one in readers if one.code == wanted), readers[0])
    audit.record("workspace:view", ground=reader.kind.value)
    sent, drafts = workspace.sent_by(person=person)
    return render(
        _TEMPLATES[endpoint],
        person=person,
        tasks=workspace_tasks.offered(person=person),
        told=disclosures.unconfirmed(person=person, limit=SHOWN),
        asked=workspace.requests_to(person=person),
        due=workspace.due_by(person=person),
        proposals=workspace.corrections_for(person=person),
        sent=sent,
        drafts=drafts,
        back="home",
        words=child_page,
        duty_label=duty_label,
        wide=True,
        marking=True,
        **_cases(readers, reader, endpoint),
    )


def _cases(readers: list[Reader], reader: Reader, endpoint: str) -> dict[str, Any]:
    after = cases.CaseCursor.read(request.args.get("after"))
    page = cases.list_cases(reader=reader, after=after, limit=SHOWN)
    return {
        "rows": page.rows,
        **page_links(page, endpoint, whose=reader.code),
        "notices": cases.list_notices(reader=reader),
        "tabs": [Tab(one.name, url_for(endpoint, whose=one.code), one == reader) for one in readers],
        "reader": reader,
        **case_table(),
    }
