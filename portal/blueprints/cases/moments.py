"""After a critical moment: that the risk assessment was looked at and stands, or a new one is begun."""

from typing import Any
from uuid import UUID

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import permitted, require
from portal.access.principal import current
from portal.blueprints.cases.blueprint import blueprint
from portal.blueprints.cases.looking import around, look, record_of
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.cases.reading import records as case_records
from portal.records.entries.critical_moments import review_facts, say_nothing_changes
from portal.records.entries.forms import NothingChangesForm
from portal.records.entries.presenter.words import entry_items, entry_page
from portal.records.entries.reading import case_page
from portal.web.steps import take


@blueprint.route("/<reference>/moments/<uuid:entry_id>", methods=["GET", "POST"])
@allow("moment:review", shows="case")
def review_moment(reference: str, entry_id: UUID) -> ResponseReturnValue:
    """Answer for one critical moment."""
    record = record_of(reference)
    entry = case_records.find_entry(case_id=record.id, entry_id=entry_id)
    if entry is None or entry.critical_moment is None:
        abort(404)
    require(current(), "moment:review", review_facts(current(), record))
    form = NothingChangesForm()
    return take(
        form,
        lambda: say_nothing_changes(actor=current(), case=record, entry=entry, words=form.said("words")),
        template="cases/moment.html",
        page=lambda: _page(record, entry),
        to=entry_page(record.reference, entry.happened_at, entry.id),
        done="Recorded: nothing changes",
    )


def _page(record: Case, entry: ChronologyEntry) -> dict[str, Any]:
    case = look(record.reference)
    may_begin = permitted(current(), "assessment:start", review_facts(current(), record))
    start = case_page.just_after(entry.happened_at, entry.id)
    shown = entry_items(case_page.entries(case_id=record.id, before=start, limit=1).rows, case)
    return around(case) | {"entry": shown[0], "may_assess": may_begin and not case.assessing}
