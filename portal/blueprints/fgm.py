"""Reports of FGM to the police: the personal duty of people in health, social care and education."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow, audience
from portal.access.principal import current
from portal.policy import current_policy
from portal.records.cases.reading import lists as cases
from portal.records.children import presenter as child_page
from portal.records.linked_processes import reading as linked
from portal.records.linked_processes.policy import LinkedProcesses
from portal.records.linked_processes.vocabulary import LinkedState
from portal.vocabulary import Sector
from portal.web.page import render

KIND = "fgm_report"

blueprint = Blueprint("fgm", __name__, url_prefix="/fgm-reports")
audience(blueprint, Sector.HEALTH, Sector.SOCIAL_CARE, Sector.EDUCATION)


@blueprint.get("")
@allow("linked:personal", shows="list")
def mine() -> ResponseReturnValue:
    """My own reports, what the duty is, and the cases on which I may record one."""
    person = current()
    found = linked.own_reports(person=person)
    readers = cases.readers(person)
    offered = cases.list_cases(reader=readers[-1], limit=cases.PAGE)
    audit.record("linked:own_reports")
    return render(
        "linked_processes/fgm.html",
        unseen=linked.own_reports_unseen(person=person),
        to_do=[one for one in found if one.state == LinkedState.RUNNING],
        done=[one for one in found if one.state == LinkedState.ENDED],
        cases=offered.rows,
        more=offered.next is not None,
        rule=current_policy().of(LinkedProcesses).processes[KIND],
        words=child_page,
        now=clock.now(),
        marking=True,
        wide=True,
    )
