"""Every text has a limit: in each form, in each save by itself, in each service, and in the database."""

import ast
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from wtforms import Field, FieldList, FileField, FormField, HiddenField, StringField
from wtforms.form import BaseForm, Form

from portal import messages, pages, records, web
from portal.access.upkeep import MOST, SUFFIX
from portal.policy import Size, current_policy
from portal.records.cases.model import ChronologyEntry, EntryDraft
from portal.web import fields
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_entry, involve, make_case, make_child
from tests.structure.source import ROOT, name, parsed, python_files

Browser = Callable[..., Client]

#: Fields of WTForms that take any text. Ours are made from them, in one file.
TEXT_FIELDS = frozenset(
    {
        "StringField",
        "TextAreaField",
        "HiddenField",
        "EmailField",
        "TelField",
        "URLField",
        "SearchField",
        "PasswordField",
        "IntegerField",
        "DecimalField",
    }
)


def _modules() -> Iterator[Any]:
    for package in (messages, pages, records, web):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".forms" in found.name:
                yield import_module(found.name)


def _forms() -> list[type[Form]]:
    list(_modules())  # imports them
    waiting, found = [Form], list[type[Form]]()
    while waiting:
        of = waiting.pop().__subclasses__()
        waiting += of
        found += [one for one in of if one.__module__.startswith("portal.")]
    return found


def _unbound(form: type[Form]) -> Iterator[tuple[str, type[Field]]]:
    for attribute in dir(form):
        kind = getattr(getattr(form, attribute), "field_class", None)
        if kind is not None:
            yield attribute, kind


def test_every_field_of_every_form_that_takes_a_text_has_a_limit() -> None:
    found = _forms()
    assert len(found) > 100
    without = [
        f"{form.__module__}.{form.__name__}.{attribute}"
        for form in found
        for attribute, kind in _unbound(form)
        if issubclass(kind, StringField | HiddenField) and not hasattr(kind, "too_long")
    ]
    assert not without, f"Use a field of portal.web.fields: {without}"


def test_no_form_is_made_of_other_fields_than_ours() -> None:
    """Also one that is put together while the portal runs."""
    guilty = [
        f"{name(path)}:{node.lineno} {alias.name}"
        for path in python_files("portal")
        if not name(path).startswith(("portal/web/fields.py", "portal/demo/"))
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("wtforms")
        for alias in node.names
        if alias.name in TEXT_FIELDS
    ]
    assert not guilty, f"Use a field of portal.web.fields, which has a limit: {guilty}"


#: Texts that a view reads without a form, and what keeps each short.
BESIDE_FORMS = {
    ("portal/blueprints/concerns/linking.py", "reason"): "services.concern_comparing.tell_apart",
    ("portal/blueprints/hub/referral.py", "name"): "portal.changes.saved_views",
    ("portal/blueprints/meetings/live.py", "do"): "one of three words, or nothing",
    ("portal/blueprints/picking.py", "field"): "cut where it is read",
    ("portal/blueprints/picking.py", "id"): "cut where it is read",
    ("portal/blueprints/picking.py", "nothing"): "cut where it is read",
    ("portal/blueprints/admin/people.py", "name"): "cut where it is read",
    ("portal/blueprints/concerns/show.py", "typed"): "cut where it is read",
    ("portal/blueprints/concerns/linking.py", "typed"): "cut where it is read",
    ("portal/blueprints/concerns/show.py", "after"): "an identifier, or refused",
    ("portal/blueprints/plans/__init__.py", "text"): "given back, and kept nowhere",
    ("portal/blueprints/plans/__init__.py", "words"): "given back, and kept nowhere",
}
#: What else they read there: codes, references, identifiers, versions and buttons, none of which is kept.
CODES = frozenset(
    {
        "version",
        "kind",
        "go",
        "keep",
        "team",
        "add",
        "remove",
        "page",
        "agency",
        "case",
        "child",
        "direction",
        "action",
        "everybody",
        "decision",
        "about",
        "panel",
        "back",
        "use",
        "cite",
        "next",
        "finalise",
        "seen",
        "single",
        "want",
        "until",
        "logout_token",
        "csrf_token",
    }
)


def _posted_name(node: ast.AST) -> ast.Constant | None:
    """The name that `request.form` is asked for."""
    match node:
        case ast.Call(
            func=ast.Attribute(attr="get" | "getlist", value=asked), args=[ast.Constant() as found, *_]
        ):
            return found if ast.unparse(asked) == "request.form" else None
        case ast.Subscript(value=asked, slice=ast.Constant() as found):
            return found if ast.unparse(asked) == "request.form" else None
    return None


def test_every_text_that_is_read_without_a_form_is_known_here() -> None:
    read = {
        (name(path), argument.value)
        for path in python_files("portal/blueprints", "portal/records", "portal/web")
        for node in ast.walk(parsed(path))
        if (argument := _posted_name(node)) is not None
    }
    unknown = {one for one in read if one[1] not in CODES} - set(BESIDE_FORMS)
    assert not unknown, f"Give it a field of portal.web.fields, or say here what keeps it short: {unknown}"
    assert set(BESIDE_FORMS) <= read, f"No longer there: {set(BESIDE_FORMS) - read}"


def test_no_template_has_a_box_of_words_of_its_own_without_a_limit() -> None:
    boxes = [
        name(path)
        for path in sorted((ROOT / "portal" / "templates").rglob("*.html"))
        if "<textarea" in path.read_text("utf-8")
    ]
    assert not boxes, f"Use a field of portal.web.fields: {boxes}"


@pytest.fixture
def case_of(rows: Session, cast: Cast) -> Any:
    case = make_case(rows, make_child(rows), lead=cast.police, opened_by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    rows.commit()
    return case


def typed(**facts: str) -> dict[str, str]:
    return {
        "kind": "information",
        "happened_on-day": "1",
        "happened_on-month": "11",
        "happened_on-year": "2026",
        "handling": "network",
        "family_safe": "no",
    } | facts


def test_a_text_beyond_its_limit_is_not_kept_and_comes_back_whole(
    client_for: Browser, cast: Cast, case_of: Any, rows: Session
) -> None:
    most = current_policy().texts.most(Size.NARRATIVE)
    browser = client_for(cast.officer)
    address = f"/cases/{case_of.reference}/entries/new"
    pasted = "word\r\n" * (most // 5) + "the end of it"
    answer = browser.submit(address, typed(text=pasted))
    assert answer.status_code == 422
    page = browser.page_of(answer)
    assert page.select_one('.govuk-error-summary a[href="#text"]')
    assert "What does your agency know: shorten your answer by 13 characters" in page.get_text()
    (box,) = page.select("textarea#text")
    assert box.get_text().count("word") == most // 5
    assert "the end of it" in page.get_text()
    assert rows.scalar(select(func.count()).select_from(ChronologyEntry)) == 0
    exact = browser.submit(address, typed(text=pasted.removesuffix("the end of it")))
    assert exact.status_code == 303, "a line's end counts as one character, as it does in the browser"


def test_the_page_says_how_much_room_there_is_without_a_script_too(
    client_for: Browser, cast: Cast, case_of: Any
) -> None:
    page = client_for(cast.officer).soup(f"/cases/{case_of.reference}/entries/new")
    count = page.select_one(".govuk-character-count[data-module=govuk-character-count]:has(#text)")
    assert count is not None
    assert count["data-maxlength"] == str(current_policy().texts.most(Size.NARRATIVE))
    hint = page.select_one("#text-info")
    assert hint is not None
    assert "You can enter up to 20000 characters" in hint.get_text()
    (box,) = page.select("textarea#text")
    assert "text-info" in str(box["aria-describedby"])


def test_a_save_by_itself_beyond_the_limit_says_so_and_keeps_what_was_saved(
    client_for: Browser, cast: Cast, case_of: Any, rows: Session
) -> None:
    browser, address = client_for(cast.officer), f"/cases/{case_of.reference}/entries/draft"
    assert browser.submit(address, typed(text="Short"), headers={"X-Autosave": "1"}).status_code == 204
    answer = browser.submit(address, typed(text="x" * 20_003, version="1"), headers={"X-Autosave": "1"})
    assert (answer.status_code, answer.mimetype) == (422, "text/plain")
    assert answer.text == "Not saved. What does your agency know: shorten your answer by 3 characters"
    assert rows.scalars(select(EntryDraft.answers)).one()["text"] == "Short"


def test_a_longer_text_from_before_stays_readable_and_can_be_corrected(
    client_for: Browser, cast: Cast, case_of: Any, rows: Session
) -> None:
    long = "Seen again. " * 2_000
    entry = add_entry(rows, case_of, cast.officer, long.strip())
    rows.commit()
    browser = client_for(cast.officer)
    assert long.strip() in browser.get(f"/cases/{case_of.reference}/entries/{entry.id}").text
    address = f"/cases/{case_of.reference}/entries/{entry.id}/correct"
    corrected = long.replace("Seen again", "Seen once", 1).strip()
    assert browser.submit(address, {"text": corrected, "reason": "Once"}).status_code == 303
    longer = browser.submit(address, {"text": f"{long}{long}", "reason": "Once"})
    assert longer.status_code == 422


@pytest.mark.parametrize("control", ["\u202e", "\u2066", "\u200b", "\u200e"])
def test_a_name_shown_before_signing_in_holds_nothing_that_is_not_seen(
    client_for: Browser, cast: Cast, rows: Session, control: str
) -> None:
    browser = client_for(cast.administrator)
    answer = browser.submit(
        "/administration/agencies/add",
        {"name": f"Derby{control} City", "code": "derby-city", "sector": "council", "authority": "derby"},
    )
    assert answer.status_code == 303, answer.text
    text_ = client_for(None).get("/sign-in?q=Derby+City").text
    assert control not in text_
    assert rows.scalar(text("select name from agency where code = 'derby-city'")) == "Derby City"


def test_every_table_with_words_has_its_check(owner: Engine) -> None:
    lacking = text(
        """
        select distinct c.relname || '.' || a.attname from pg_class c
        join pg_namespace s on s.oid = c.relnamespace and s.nspname = 'public'
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
         and not a.attisdropped and a.attgenerated = ''
        join pg_type t on t.oid = a.atttypid and t.typname in ('text', 'varchar', 'jsonb', '_text')
        left join pg_constraint n on n.conrelid = c.oid and n.conname = c.relname || :suffix
        where c.relkind = 'r' and not coalesce(a.attnum = any (n.conkey), false)
        """
    )
    with owner.connect() as connection:
        assert not connection.scalars(lacking, {"suffix": SUFFIX}).all()


def test_the_database_takes_no_text_without_end_whoever_writes_it(
    rows: Session, cast: Cast, case_of: Any
) -> None:
    add_entry(rows, case_of, cast.officer, "x" * MOST)
    rows.commit()
    with pytest.raises(IntegrityError, match="chronology_entry_text_size"):
        add_entry(rows, case_of, cast.officer, "x" * (MOST + 1))


def test_a_form_counts_what_policy_says_and_no_more_than_a_field_allows() -> None:
    class One(Form):
        note = fields.LongText("What?", limit=7)
        line = fields.Text("Who?")

    form = One(data={"note": "x" * 9})
    assert form.note.most == 9, "what was there may stay"
    assert One().note.most == 7
    assert One().line.most == current_policy().texts.most(Size.LINE)
    assert isinstance(form, BaseForm)
    assert not {FieldList, FormField, FileField} & {type(one) for one in form}
