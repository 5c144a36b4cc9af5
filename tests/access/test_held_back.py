"""A unique address below an alert “do not disclose”, and every page, document and message as everybody."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text

from portal.documents import document
from portal.records.cases.model import Involvement
from tests import database
from tests.access.scene import make_scene
from tests.access.test_routes import Walk, methods, report
from tests.cast import make_cast
from tests.factories.cases import add_held_alert, involve
from tests.factories.children import say

#: What stands below the alert, each as no other text of the scene writes it.
PLANTED = {
    "address": "9 Quillwhistle Lane",
    "phone": "07700 900987",
    "school": "Thistledown Quillery School",
}
#: Who may read it on the page of the child: whoever entered it is of the police.
OWN = {"officer", "police_manager"}
#: Who comes near: a colleague and the manager of whoever entered it, other agencies on the case, and the hub.
READERS = ("officer", "police_manager", "social_worker", "nurse", "coordinator", "chair", "governance")
#: The pages on which its own agency reads it: it is on no list, print or message.
PAGES = {"children.show", "children.restate", "children.release"}


@pytest.fixture(scope="module")
def set_documents() -> list[str]:
    """What documents were given to set."""
    return []


@pytest.fixture(scope="module")
def walk(session_app: Flask, owner: Engine, set_documents: list[str]) -> Iterator[Walk]:
    database.empty(owner)

    def gather(_template: str, data: Any, *_rest: Any) -> bytes:
        set_documents.append(json.dumps(data, ensure_ascii=False, default=str))
        return b"%PDF-1.7\n%%EOF\n"

    with database.owner_session(owner) as rows, pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, "_compile", gather)
        scene = make_scene(rows, make_cast(rows))
        cast, side = scene.cast, scene.shown
        working = set(rows.scalars(select(Involvement.team_id).filter_by(case_id=side.case.id)))
        for team in (cast.police_team, cast.social_care_team, cast.health_team, cast.council_team):
            if team.id not in working:
                involve(rows, side.case, team, by=cast.coordinator)
        add_held_alert(rows, side.case, cast.officer)
        for kind, value in PLANTED.items():
            held = say(rows, side.child, cast.officer, value, kind=kind, do_not_disclose=True)
        side.names["statement"] = str(held.id)  # the one whose own steps are walked
        yield Walk(session_app, scene, rows)
    database.empty(owner)


def test_nobody_else_meets_it_on_any_page_and_nobody_on_a_print_or_in_a_document(
    walk: Walk, set_documents: list[str]
) -> None:
    faults, read, opened = [], set(), 0
    for rule, access in walk.routes():
        if "GET" not in methods(rule):
            continue
        for name in READERS:
            if not walk.admits(name, rule, access):
                continue
            answer = walk.ask(name, rule, walk.scene.shown.names, "GET")
            opened += answer.status_code == 200
            found = [kind for kind, value in PLANTED.items() if value in answer.get_data(as_text=True)]
            if found and (name not in OWN or rule.endpoint not in PAGES or access.releases):
                faults.append(f"{name} {rule.endpoint}: {found}")
            read |= {(name, kind) for kind in found}
    assert not faults, report(faults)
    assert opened > 300, "the walk opened what there is"
    assert read == {(name, kind) for name in OWN for kind in PLANTED}, "whoever entered it reads it"
    assert set_documents, "documents were made"
    given = [value for value in PLANTED.values() if any(value in one for one in set_documents)]
    assert not given, f"in a document: {given}"


def test_it_is_in_no_message_and_in_nothing_that_is_searched(walk: Walk) -> None:
    for table in ("outbox_message", "case_news", "reminder_plan", "audit_event", "name_key", "concern_key"):
        for value in PLANTED.values():
            found = walk.rows.scalar(
                text(f"select count(*) from {table} t where position(:v in t::text) > 0"),  # noqa: S608  # of the list above
                {"v": value},
            )
            assert found == 0, (table, value)
    browser = walk.browser("social_worker")
    for value in PLANTED.values():
        answer = browser.submit("/search", {"sought": value})
        assert value not in answer.text.replace(f'value="{value}"', ""), value
