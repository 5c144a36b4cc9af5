"""Search over the children and records that one may see. By POST: no name ever stands in an address."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import principal
from portal.access.audit import record_search
from portal.access.guard import allow, may_enter
from portal.changes.errors import DomainError
from portal.pages.search.forms import SearchForm
from portal.pages.search.presenter import episode_rows, rows
from portal.pages.search.reading import FoundChildren, find_by_reference, find_children, find_episodes
from portal.pages.search.statements import SHOWN
from portal.pathway.characters import BadIdentifier, identifier
from portal.pathway.searching import NotEnough, Sought, read_sought
from portal.policy import current_policy
from portal.queries.paging import Page, RowCursor
from portal.records.concerns.reading.alike import find_concerns
from portal.web.page import announce, render, see_other
from portal.web.references import address_of_found

#: Children on all pages of one search: whoever has not found the child by then has to say more.
MOST = 4 * SHOWN

blueprint = Blueprint("search", __name__, url_prefix="/search")


@blueprint.get("")
@allow("child:search")
def index() -> ResponseReturnValue:
    """The search box."""
    return render("search/index.html", form=SearchForm(), marking=True)


@blueprint.post("")
@allow("child:search", shows="list", searches=True)
def run() -> ResponseReturnValue:
    """What was found, with why it fits. What was sought is kept for governance alone."""
    form = SearchForm()
    typed = form.typed
    if not form.validate_on_submit():
        return _not_searched(form, typed)
    names, wrong = current_policy().names, None
    try:
        sought = read_sought(typed, names, clock.today())
    except NotEnough as refused:
        return _not_searched(form, typed, DomainError(refused.message, field="sought"))
    except BadIdentifier as refused:  # no NHS number; it may be the number of something else
        sought = Sought(number=typed.upper())
        wrong = DomainError(refused.message, field="sought")
    if sought.reference:
        return _open(form, typed, sought.reference)
    person = principal.current()
    children, things = FoundChildren(), Page[RowCursor]([], None)
    seen, after = _seen(form), RowCursor.read(form.after.data)
    episodes = episode_rows(find_episodes(sought, typed)) if after is None and not seen else []
    if after is None:
        children = find_children(person=person, sought=sought, names=names, seen=seen)
    if _may_be_thing(sought, person) and not seen:
        things = find_concerns(typed=typed, after=after)
    record_search(
        typed,
        children=[one.id for one in children.children],
        records=[one.reference for one in (*episodes, *things.rows)],
    )
    found = len(children.children) + len(episodes) + len(things.rows)
    announce(f"{found} found" if found else "Nothing found")
    return render(
        "search/index.html",
        form=form,
        problem=wrong,
        searched=bool(found) or wrong is None,
        children=rows(children.children),
        children_go_on=children.more,
        more_children=_after(seen, children),
        episodes=episodes,
        things=things.rows,
        more_things=str(things.next or ""),
        marking=True,
        wide=True,
    )


def _seen(form: SearchForm) -> list[UUID]:
    """The children of the pages before this one."""
    each = (identifier(one) for one in (form.seen.data or "").split(",")[:MOST])
    return [one for one in each if one]


def _after(seen: list[UUID], found: FoundChildren) -> str:
    """The children up to this page, for the next one; empty where there is none."""
    seen = [*seen, *(one.id for one in found.children)]
    return ",".join(one.hex for one in seen) if found.more and len(seen) < MOST else ""


def _may_be_thing(sought: Sought, person: principal.Principal) -> bool:
    """Whether to look for places, people and things of concern too."""
    return not sought.born and may_enter(person, "concerns.index")


def _open(form: SearchForm, typed: str, reference: str) -> ResponseReturnValue:
    """The page of the record of a reference. One that may not be opened is answered like one of none."""
    addresses = (address_of_found(one) for one in find_by_reference(reference))
    address = next(filter(None, addresses), "")
    record_search(typed, records=[reference] if address else [])
    if address:
        return see_other(address)
    announce("Nothing found")
    return render("search/index.html", form=form, searched=True, marking=True)


def _not_searched(form: SearchForm, typed: str, problem: DomainError | None = None) -> ResponseReturnValue:
    """The box again, with what is wrong. That somebody tried is on record, as a search is."""
    record_search(typed, ground="not searched")
    return render("search/index.html", form=form, problem=problem, marking=True)
