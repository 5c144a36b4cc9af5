"""Recording something of concern: by itself, or from a form, a return interview, an entry or minutes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.concerns import blueprint, find_concern
from portal.changes.errors import DomainError
from portal.pathway.characters import identifier
from portal.policy import current_policy
from portal.records.concerns.forms import ConcernForm, made_for
from portal.records.concerns.making import make_concern, use_known, why_bound
from portal.records.concerns.policy import Concerns
from portal.records.concerns.reading import alike as concern_alike
from portal.records.concerns.reading import sources as concern_sources
from portal.records.concerns.reading.alike import Suggestion
from portal.records.concerns.reading.sources import Source
from portal.records.concerns.records import MadeFrom
from portal.records.concerns.rules import match_keys
from portal.records.concerns.vocabulary import ConcernKind, ConcernSource
from portal.records.people.reading import agencies
from portal.web.held_words import check_words
from portal.web.idempotency import attempt
from portal.web.page import render, see_other
from portal.web.references import address_of


@blueprint.get("/new")
@allow("concern:record")
def choose() -> ResponseReturnValue:
    """What is it? Each kind has its own questions."""
    carried = _carried()
    return render(
        "concerns/choose.html",
        kinds=[(one.label, url_for("concerns.new", kind=one.value, **carried)) for one in ConcernKind],
    )


@blueprint.route("/new/<kind>", methods=["GET", "POST"])
@allow("concern:record", shows="child")
def new(kind: str) -> ResponseReturnValue:
    """The questions, what may be the same, and recording it."""
    asked = ConcernKind(kind) if kind in set(ConcernKind) else abort(404)
    source = _source(asked)
    of_entry = source.id if source and source.kind is ConcernSource.ENTRY else None
    if request.method == "GET" and source and of_entry and (why := why_bound(current(), of_entry)):
        flash(why, "problem")
        return see_other(address_of(source.reference) or url_for("concerns.index"))
    form = _form(asked, source)
    problem = None
    if form.validate_on_submit():
        if request.form.get("use"):
            return _use(form, source)
        alike = _alike(form)
        if any(one.kind is form.kind for one in alike) and not form.said("looked"):
            form.looked.data = "yes"
            return _page(form, source, alike, ask=True)
        try:
            check_words(form, of=[source.reference] if source else ())
            with attempt():
                made = _make(form, source)
        except DomainError as refused:
            problem = refused
        else:
            return see_other(url_for("concerns.show", reference=made.reference), done="The record was made")
    return _page(form, source, _alike(form) if source else (), problem=problem)


def _make(form: ConcernForm, source: Source | None) -> Any:
    return make_concern(
        actor=current(),
        kind=form.kind,
        said=form.described,
        restricted=bool(form.restricted.data),
        team_id=UUID(form.said("team")) if "team" in form and form.said("team") else None,
        grades=source.grades if source else None,
        conditions=source.conditions if source else "",
        once=form.nonce,
        **_linked(form, source),
    )


def _use(form: ConcernForm, source: Source | None) -> ResponseReturnValue:
    """It is known already: add to that one."""
    known = find_concern(request.form["use"])
    try:
        check_words(form, of=[source.reference] if source else ())
        with attempt():
            use_known(actor=current(), concern=known, said=form.described, **_linked(form, source))
    except DomainError as refused:
        return _page(form, source, _alike(form), problem=refused)
    return see_other(
        url_for("concerns.show", reference=known.reference), done="Added to the one that is known"
    )


def _linked(form: ConcernForm, source: Source | None) -> dict[str, Any]:
    if source is None:
        return {}
    return {
        "source": MadeFrom(source.kind, source.id),
        "children": list(form.children.data or ()) if "children" in form else [],
        "role": form.said("child_role") if "child_role" in form else "",
    }


def _page(
    form: ConcernForm,
    source: Source | None,
    alike: Sequence[Suggestion],
    *,
    ask: bool = False,
    problem: DomainError | None = None,
) -> Response:
    audit.record("concern:begin", source=source.reference if source else "")
    for child in source.children if source else ():
        audit.record("concern:begin", child_id=child.id)
    return render(
        "concerns/new.html",
        form=form,
        source=source,
        alike=[one for one in alike if one.kind is form.kind],
        beside=[one for one in alike if one.kind is not form.kind],
        ask=ask,
        problem=problem,
        carried=_carried(),
        back=(address_of(source.reference) if source else "") or url_for("concerns.index"),
        marking=True,
    )


def _form(kind: ConcernKind, source: Source | None) -> ConcernForm:
    policy = current_policy()
    children = source.children if source else ()
    form = made_for(kind, policy, new=True, on_children=bool(children))()
    own_teams = agencies.teams_by_name(ids=current().team_ids)
    form.offer_words(policy, [(str(one.id), one.name) for one in own_teams])
    form.offer_children(
        policy, [(one.reference, f"{one.given_name} {one.family_name}, {one.reference}") for one in children]
    )
    if not form.is_submitted():
        form.start(policy)
        if source:
            form.fill_in(source.said)
    return form


def _source(kind: ConcernKind) -> Source | None:
    """The record that the address names; one that the person may not read is answered like none."""
    reference = request.args.get("from")
    if not reference:
        return None
    found = concern_sources.find_source(
        reference=reference,
        kind=kind,
        place=request.args.get("at", ""),
        part=identifier(request.args.get("part")),
    )
    if found is None or found.concern_kind is not kind:
        abort(404)
    return found


def _alike(form: ConcernForm) -> Sequence[Suggestion]:
    said = form.described
    fields = current_policy().of(Concerns).fields_of(form.kind)
    return concern_alike.suggestions_for(keys=match_keys(form.kind, said.name, said.details, fields))


def _carried() -> dict[str, Any]:
    """What an address says of the record that it is made from, for the next address."""
    return {name: request.args[name] for name in ("from", "at", "part") if request.args.get(name)}
