"""Search over the children and records that one may see. By POST: no name ever stands in an address."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit, principal
from portal.access.guard import allow
from portal.access.search_hash import search_hash
from portal.changes.errors import DomainError
from portal.pages.search.forms import SearchForm
from portal.pages.search.presenter import rows
from portal.pages.search.reading import search
from portal.pathway.identifiers import BadIdentifier
from portal.pathway.searching import NotEnough, read_sought
from portal.policy import current_policy
from portal.web.page import announce, render

blueprint = Blueprint("search", __name__, url_prefix="/search")


@blueprint.get("")
@allow("child:search")
def index() -> ResponseReturnValue:
    """The search box."""
    return render("search/index.html", form=SearchForm(), results=None, marking=True)


@blueprint.post("")
@allow("child:search", shows="list", searches=True)
def run() -> ResponseReturnValue:
    """What was found, with why it fits. What was sought is kept for governance alone."""
    form = SearchForm()
    typed = " ".join((form.sought.data or "").split())
    if not form.validate_on_submit():
        return _not_searched(form, typed)
    names = current_policy().names
    try:
        sought = read_sought(typed, names, clock.today())
    except (NotEnough, BadIdentifier) as refused:
        return _not_searched(form, typed, DomainError(refused.message, field="sought"))
    results = search(person=principal.current(), sought=sought, names=names)
    _record(
        typed,
        shown=[str(child.id) for child in results.children],
        records=[record.reference for record in results.records],
    )
    found = len(results.children) + len(results.records)
    announce(f"{found} found" if found else "Nothing found")
    return render(
        "search/index.html",
        form=form,
        results=results,
        rows=rows(results.children),
        marking=True,
        wide=True,
    )


def _not_searched(form: SearchForm, typed: str, problem: DomainError | None = None) -> ResponseReturnValue:
    """The box again, with what is wrong. That somebody tried is on record, as a search is."""
    _record(typed, ground="not searched", shown=[], records=[])
    return render("search/index.html", form=form, results=None, problem=problem, marking=True)


def _record(typed: str, *, shown: list[str], records: list[str], ground: str | None = None) -> None:
    """Put a search on record. The database keeps what was typed apart; the hash tells who typed the same."""
    compared = search_hash(typed)
    audit.record(
        "child:search",
        subject_kind="child",
        ground=ground,
        sought=typed,
        search_hash=compared.value,
        search_key=compared.key,
        shown=shown,
        records=records,
    )
