"""Who may read an entry, its kind and its day, put right."""

from uuid import UUID

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.cases import blueprint, facts, on_case, record_of
from portal.policy import current_policy
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.cases.reading import records as case_records
from portal.records.entries.adding import agencies_on
from portal.records.entries.correcting import EntryFacts, other_kinds, put_right
from portal.records.entries.forms import ReadersForm
from portal.records.entries.policy import entry_label
from portal.records.entries.presenter.words import entry_page
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.web.choices import choices, identifiers
from portal.web.steps import Words


@blueprint.route("/<reference>/entries/<uuid:entry_id>/readers", methods=["GET", "POST"])
@allow("entry:correct", shows="case")
def put_readers_right(reference: str, entry_id: UUID) -> ResponseReturnValue:
    """Put right who reads an entry of one's own agency, its kind, its day and what the family may know."""
    record = record_of(reference)
    entry = case_records.find_entry(case_id=record.id, entry_id=entry_id) or abort(404)
    require(current(), "entry:correct", facts(record, own_agency=entry.agency_id == current().agency_id))
    form = _readers_of(record, entry)
    return on_case.take(
        record,
        form,
        lambda **given: put_right(
            entry=entry,
            facts=EntryFacts(
                kind=form.kind.data if "kind" in form else None,
                happened_on=form.happened_on.data,
                handling=Handling(form.handling.data),
                listed=identifiers(form.agencies.data),
                family_safe=FamilySafe(form.family_safe.data),
            ),
            reason=form.said("reason"),
            **given,
        ),
        Words(
            heading="Correct who may read an entry",
            lead=[
                "You can also correct its kind, its day and what the family may know. It changes at once, "
                "wherever the entry stands. What somebody has read, printed or taken already stays with them."
            ],
            above="cases/_says_now.html",
            button="Correct it",
        ),
        to=entry_page(record.reference, entry.id),
        done="Corrected. How it was stays on record",
        entry=entry,
    )


def _readers_of(record: Case, entry: ChronologyEntry) -> ReadersForm:
    policy = current_policy(record.authority)
    agencies = case_records.agency_names(ids=agencies_on(record) - {entry.agency_id})
    kinds = [(entry.kind, entry_label(policy, entry.kind))]
    kinds += [(one.code, one.label) for one in other_kinds(policy, entry)]
    return ReadersForm.of(entry, agencies=[(str(one.id), one.name) for one in agencies], kinds=choices(kinds))
