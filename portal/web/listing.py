"""A list on its page: heads that sort it, the panel that filters it, views that somebody saved, its file.

What the template `layouts/list.html` and the macros `ui.list_…` show. A list is declared in the `lists` of
its noun (`portal.queries.listing`).
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any
from urllib.parse import urlencode

from flask import flash, g, request, url_for
from werkzeug import Response

from portal.access import audit
from portal.access.principal import current
from portal.changes import saved_views
from portal.pathway.characters import identifier
from portal.queries.declared import Column, Listing
from portal.queries.listing import MOST, Asked, Counts, Found, SavedView, Source, beside, views_of
from portal.queries.rows import Rows
from portal.records.disclosures.presenter import send_list
from portal.vocabulary import Labelled
from portal.web.page import render, see_other
from portal.web.steps import flashing

_TOO_MANY = "filter the list first, or choose a shorter list, then take the file"
#: In an address: all of the list, whatever view somebody begins with.
ALL = {"view": ["all"]}
#: What a spreadsheet would take for a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Head:
    """A head of the table.

    Attributes:
        href: the list in this order, or the other way round; empty where it does not sort.
        order: `ascending` or `descending` where the list is in this order, else empty.
    """

    text: str
    href: str = ""
    order: str = ""


@dataclass(frozen=True)
class Option:
    """One box of the panel."""

    value: str
    label: str
    chosen: bool
    count: str = ""


@dataclass(frozen=True)
class Part:
    """The boxes of one filter."""

    name: str
    label: str
    options: Sequence[Option]


@dataclass(frozen=True)
class Tab:
    """A view of the list that one changes to with a click."""

    text: str
    href: str
    current: bool
    count: str = ""


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """What the page of a list shows around its rows.

    Attributes:
        says: how much there is, and in which order.
        kept: what an address says besides, which the panel keeps: names and values.
    """

    name: str
    says: str
    order: str
    action: str
    here: str
    clear: str
    heads: Sequence[Head]
    parts: Sequence[Part]
    chosen: Sequence[Tab]
    tabs: Sequence[Tab]
    saved: Sequence[SavedView]
    kept: Sequence[tuple[str, str]]
    file: str
    file_says: str
    first: str
    more: str
    may_save: bool


#: Views that everybody has: the text, and the query.
Views = Sequence[tuple[str, Mapping[str, Sequence[str]]]]


@dataclass(frozen=True, kw_only=True)
class ListRoute:
    """Where a list is shown.

    Attributes:
        endpoint: its page, with `of`, the values of its path; `file` that of its file, if it has one.
        fixed: what its address says besides, such as whose list it is.
        views: beside each stands the count of its answer, where it is one.
    """

    endpoint: str
    file: str = ""
    of: Mapping[str, Any] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    views: Views = ()

    def address(self, query: Mapping[str, Sequence[str]], *, after: str = "", file: bool = False) -> str:
        """The address of the list as it is asked for."""
        fixed = {name: [said] for name, said in self.fixed.items()}
        return self.bare({**fixed, **query, **({"after": [after]} if after else {})}, file=file)

    def bare(self, query: Mapping[str, Sequence[str]], *, file: bool = False) -> str:
        """The address that says this and nothing besides."""
        said = urlencode(query, doseq=True)
        return url_for(self.file if file else self.endpoint, **self.of) + (f"?{said}" if said else "")


def ways(
    here: ListRoute,
    others: Iterable[tuple[str, ListRoute]],
    query: Mapping[str, Sequence[str]] | None = None,
    counts: Sequence[int] = (),
) -> list[dict[str, object]]:
    """Lists among which one chooses, for `ui.views`: the text of each, and where it is shown.

    Args:
        query: what each is asked for.
        counts: how much each has, of which `MOST` and one means more than `MOST`.
    """
    return [
        {"text": text, "href": route.address(query or {}), "current": route.fixed == here.fixed}
        | {"count": _number(count)}
        for (text, route), count in zip_longest(others, counts)
    ]


@dataclass(frozen=True, kw_only=True)
class ListView:
    """A list as it is shown to whoever asks, on its page and as its file.

    Attributes:
        source: where its rows come from.
        looked: what the audit trail calls a look at it; `noted` is recorded with it, beside what was asked.
    """

    listing: Listing
    source: Source
    route: ListRoute
    looked: str
    noted: Mapping[str, Any] = field(default_factory=dict)

    def page(
        self, template: str, says: Callable[[Found], Mapping[str, Any]] | None = None, **context: Any
    ) -> Response:
        """Its page, or the answer to a form of its saved views.

        Args:
            says: what the page says of the rows that were found, and their `rows` in words.
            context: what it says besides.
        """
        query = asked(self.listing, self.route)
        if answer := begin_with(self.route, query):
            return answer
        found = self.source.find(query)
        rows = found.page.rows
        audit.record(self.looked, **self.noted, chosen=query.query(), shown=len(rows))
        said = {"rows": rows, **(says(found) if says else {})}
        return render(template, list=page(found, self.route), **said, **context)

    def file(self, name: str, says: Callable[[Rows], Iterable[Any]] | None = None) -> Response:
        """All that was asked for as a file for a spreadsheet, in the order of the page.

        It is on the sharing ledger with a line for each case that its rows name.

        Args:
            says: the rows in words, where the list shows those.
        """
        query = asked(self.listing)
        rows = self.source.for_file(query)
        if rows is None:
            flash(f"There are more than {MOST:,}: {_TOO_MANY}", "problem")
            return see_other(self.route.address(query.query() or ALL))
        audit.record(self.looked, **self.noted, chosen=query.query(), taken=len(rows))
        cases = {row.case_id for row in rows if getattr(row, "case_id", None)}
        content = as_csv(self.listing, says(rows) if says else rows)
        return send_list(content, name=name, case_ids=sorted(cases))


def views(whole: str, name: str, answers: Iterable[Labelled]) -> Views:
    """Views that everybody has of a list: all of it, and that of each of some answers to a filter.

    Args:
        whole: what all of it is called.
        name: of the filter.
    """
    return ((whole, {}), *((one.label, {name: [one.value]}) for one in answers))


def asked(listing: Listing, route: ListRoute | None = None) -> Asked:
    """What the address of this request asks of a list.

    Args:
        route: of a list whose page is shown, with its views.
    """
    if route is None:
        return Asked.of(listing, request.args.to_dict(flat=False))
    read = beside(listing, current(), route.endpoint)
    g.setdefault("views_of_lists", {})[route.endpoint] = read.views
    return Asked.of(listing, request.args.to_dict(flat=False), read.options)


def begin_with(route: ListRoute, asked: Asked) -> Response | None:
    """The view that somebody begins this list with, where they ask for none; or the answer to a form.

    A list answers by this to a POST of the forms that `ui.list_views` shows.
    """
    if request.method == "POST":
        return _change_views(route, asked)
    if request.query_string:
        return None
    start = next((one for one in _views(route) if one.is_default), None)
    return see_other(route.bare(start.query)) if start else None


def _views(route: ListRoute) -> Sequence[SavedView]:
    """The views that somebody saved, asked once for a page."""
    asked: dict[str, Sequence[SavedView]] = g.setdefault("views_of_lists", {})
    if route.endpoint not in asked:
        asked[route.endpoint] = views_of(current(), route.endpoint)
    return asked[route.endpoint]


def page(found: Found, route: ListRoute) -> ListPage:
    """A list in words."""
    asked, counts, shown = found.asked, found.counts, found.page
    query, saved = asked.query(), _views(route)
    here = route.address(query)
    total = counts.found if counts else None
    return ListPage(
        name=asked.listing.name,
        says=_says(asked, len(shown.rows), total, found.looked_through),
        order=asked.sort.says_backwards if asked.backwards else asked.sort.says,
        action=route.bare({}),
        here=here,
        clear=route.address(ALL if not route.fixed else {}),
        heads=[_head(one, asked, route, sorts=counts is not None) for one in asked.listing.columns],
        parts=_parts(asked, counts),
        chosen=_chosen(asked, route),
        tabs=[*_fixed(asked, counts, route), *(_saved(one, asked, route) for one in saved)],
        saved=saved,
        kept=[*route.fixed.items(), *((name, code) for name in ("sort",) for code in query.get(name, ()))],
        file=route.address(query, file=True) if route.file and shown.rows else "",
        file_says=f"CSV of all {total}" if total and total <= MOST else "CSV",
        first=here if asked.after else "",
        more=route.address(query, after=shown.next) if shown.next else "",
        may_save=bool(query),
    )


def _says(asked: Asked, shown: int, total: int | None, looked_through: int) -> str:
    one, many = asked.listing.noun
    if looked_through:
        return f"{shown} of the {looked_through:,} {many} that were looked through"
    if total is None:
        return f"{shown} {one if shown == 1 else many} on this page, of more than {MOST:,}"
    if asked.after or shown == total:
        return f"{total} {one if total == 1 else many}"
    return f"1 to {shown} of {total} {many}"


def _head(column: Column, asked: Asked, route: ListRoute, *, sorts: bool) -> Head:
    """A head; it leads to another order only of a list that is short enough to be sorted."""
    href = route.address(asked.sorted_by(column.sort).query() or ALL) if column.sort and sorts else ""
    if asked.sort.code != column.sort:
        return Head(column.label, href)
    down = asked.sort.downwards is not asked.backwards
    return Head(column.label, href, "descending" if down else "ascending")


def _parts(asked: Asked, counts: Counts | None) -> list[Part]:
    answers = counts.answers if counts else {}
    return [
        Part(
            one.name,
            one.label,
            [
                Option(code, label, code in chosen, _number(answers.get((one.name, code))))
                for chosen in (asked.chosen.get(one.name, ()),)
                for code, label in asked.options[one.name]
            ],
        )
        for one in asked.listing.filters
        if asked.options[one.name]
    ]


def _number(count: int | None) -> str:
    if count is None:
        return ""
    return f"{MOST:,}+" if count > MOST else str(count)


def _chosen(asked: Asked, route: ListRoute) -> list[Tab]:
    return [
        Tab(
            f"{one.label}: {label}",
            route.address(asked.without(one.name, code).query() or ALL),
            current=True,
        )
        for one in asked.listing.filters
        for code, label in asked.options[one.name]
        if code in asked.chosen.get(one.name, ())
    ]


def _fixed(asked: Asked, counts: Counts | None, route: ListRoute) -> list[Tab]:
    query = asked.query()
    found = []
    for text, wanted in route.views:
        answers = [(name, code) for name, codes in wanted.items() for code in codes if name in asked.options]
        count = ""
        if counts and len(answers) <= 1:
            count = _number(counts.answers.get(answers[0]) if answers else counts.all)
        found.append(Tab(text, route.address(wanted or ALL), current=dict(wanted) == query, count=count))
    return found


def _saved(view: SavedView, asked: Asked, route: ListRoute) -> Tab:
    here = {name: [code] for name, code in route.fixed.items()} | asked.query()
    return Tab(view.name, route.bare(view.query), current=view.query == here)


def _change_views(route: ListRoute, asked: Asked) -> Response:
    """Save what is shown as a view, begin with one, or take one away."""
    actor, form, query = current(), request.form, asked.query()
    here = route.address(query or ALL)
    view_id = identifier(form.get("view", ""))
    if view_id is None:
        with flashing("View saved. Only you see it"):
            saved_views.save(
                actor=actor,
                page=route.endpoint,
                name=form.get("name", ""),
                query={**{name: [code] for name, code in route.fixed.items()}, **query} if query else {},
                is_default=bool(form.get("default")),
            )
        return see_other(here)
    if "remove" in form:
        saved_views.remove(actor=actor, view_id=view_id)
        return see_other(here, done="View removed")
    begins = "begin" in form
    saved_views.begin_with(actor=actor, page=route.endpoint, view_id=view_id if begins else None)
    whole = "that view from now on" if begins else "everything again"
    return see_other(here, done=f"The list begins with {whole}")


def as_csv(listing: Listing, rows: Iterable[Any]) -> bytes:
    """Rows as a file for a spreadsheet: the columns of the page, in its order.

    What a spreadsheet would take for a formula is put behind an apostrophe. The file begins with a mark by
    which spreadsheets know that it is UTF-8.
    """
    heads = [one.label for one in listing.columns]
    return table_as_csv(heads, ([one.text(row) for one in listing.columns] for row in rows))


def table_as_csv(heads: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    """The same of a table that is no list: its heads, and its cells as they are written."""
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(heads)
    for line in lines:
        write.writerow([_cell(value) for value in line])
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
