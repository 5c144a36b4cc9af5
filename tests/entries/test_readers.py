"""Who reads an entry, its kind and its day can be put right, with history; what is read follows at once."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.model import new_id
from portal.records.assessments.model import RiskAssessment
from portal.records.cases.model import Case, ChronologyEntry, Involvement
from portal.records.entries.citations import cite, section_of
from portal.records.entries.model import Citation, EntryChange
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.people.model import Team, User
from portal.web import date_boxes
from tests.assessments.conftest import begin
from tests.cases.conftest import Acting
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.cases import add_entry
from tests.told import heard

Asking = Callable[[User | None], AbstractContextManager[Session]]
WORDS = "Seen with two adults at the bus station."


def typed(entry: ChronologyEntry, **changes: Any) -> dict[str, Any]:
    return {
        "handling": entry.handling,
        "agencies": [str(one) for one in entry.listed_agencies],
        "family_safe": entry.family_safe,
        "kind": entry.kind,
        **date_boxes.posted("happened_on", clock.local(entry.happened_at).date()),
        "reason": "It names a source",
        "version": str(entry.version),
        **changes,
    }


@pytest.fixture
def entry(rows: Session, cast: Cast, case: Case) -> ChronologyEntry:
    """The officer's, for the network. The nurse and social care work on the case too."""
    return add_entry(rows, case, cast.officer, text=WORDS, kind="information")


def address(case: Case, entry: ChronologyEntry) -> str:
    return f"/cases/{case.reference}/entries/{entry.id}/readers"


def reading(rows: Session, cast: Cast, asking: Asking) -> set[str]:
    people = ("officer", "colleague", "nurse", "social_worker", "coordinator", "stranger")
    found = set()
    for name in people:
        with asking(getattr(cast, name)) as session:
            if session.scalars(select(ChronologyEntry.text)).all():
                found.add(name)
    return found


def again(rows: Session, entry: ChronologyEntry) -> ChronologyEntry:
    rows.rollback()
    rows.expire_all()
    return rows.get_one(ChronologyEntry, entry.id)


def test_fewer_read_it_at_once_on_every_page_and_hear_that_it_ended(
    rows: Session,
    cast: Cast,
    case: Case,
    entry: ChronologyEntry,
    acting: Acting,
    client_for: ClientFor,
    asking: Asking,
) -> None:
    _cite(acting, cast, case, entry)
    pages = ("", "/entries", "/print")
    assert WORDS in client_for(cast.nurse).get(f"/cases/{case.reference}/entries/{entry.id}").text
    listed = {"handling": Handling.AGENCIES, "agencies": [str(cast.social_care.id)]}
    colleague = client_for(cast.colleague)
    sent = colleague.submit(address(case, entry), typed(entry, **listed))
    assert sent.status_code == 303, sent.text
    assert cast.hub_team.name in colleague.soup(sent.location).get_text(), "the hub lost sight too"
    assert reading(rows, cast, asking) == {"officer", "colleague", "social_worker"}
    nurse = client_for(cast.nurse)
    assert nurse.get(f"/cases/{case.reference}/entries/{entry.id}").status_code == 404
    for page in pages:
        answer = nurse.get(f"/cases/{case.reference}{page}")
        assert answer.status_code in {200, 404}, page
        assert WORDS not in answer.text, page
    child = client_for(cast.nurse).get(f"/children/{_child(rows, case)}/chronology")
    assert WORDS not in child.text
    assert heard(rows, cast, "entry_narrowed") == {
        "nurse portal entry_withheld",
        "coordinator portal entry_withheld",
        "second_coordinator portal entry_withheld",
        "social_worker portal citation_changed",
    }
    assert heard(rows, cast, "entry_widened") == set()


def test_the_message_says_whose_the_entry_is_that_is_for_that_agency_alone_and_their_number(
    rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, client_for: ClientFor
) -> None:
    """Neither the hub nor social care at night could read it."""
    rows.get_one(Team, cast.police_team.id).duty_phone = "01632 960177"
    rows.commit()
    officer = client_for(cast.officer)
    assert officer.submit(address(case, entry), typed(entry, handling=Handling.OWN)).status_code == 303
    told = select(OutboxMessage).filter_by(event="entry_narrowed", kind="entry_withheld")
    messages = {one.recipient_id: one.id for one in rows.scalars(told)}

    def says(person: User) -> str:
        return client_for(person).soup(f"/go/{messages[person.id]}").get_text(" ", strip=True)

    for person in (cast.nurse, cast.coordinator):
        said = says(person)
        assert f"{cast.police.name} says who reads it. If you need it, ask them" in said, person.name
        assert f"{cast.police_team.name}, {cast.police.name}: 01632 960177" in said, person.name
        assert "Fewer people read this now" in said, person.name
        for word in ("ring the hub", "If nobody answers", "out of hours", "other coordinators", WORDS):
            assert word not in said, (person.name, word)
    for person in (cast.stranger, cast.community_safety):
        assert client_for(person).get(f"/go/{messages[cast.nurse.id]}").status_code == 404, person.name
    widened = typed(again(rows, entry), handling=Handling.NETWORK)
    assert officer.submit(address(case, entry), widened).status_code == 303
    said = says(cast.nurse)
    assert "You read it again" in said
    assert "You read this again" in said, "its heading"
    assert "Fewer people read this now" not in said
    rows.execute(delete(Involvement).where(Involvement.team_id == cast.health_team.id))
    rows.commit()
    after = says(cast.nurse)
    assert cast.police_team.name not in after, "who does not read the case is told no more of it"


def test_more_read_it_and_are_told(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, asking: Asking
) -> None:
    entry = add_entry(rows, case, cast.officer, text=WORDS, handling=Handling.OWN)
    assert reading(rows, cast, asking) == {"officer", "colleague"}
    sent = client_for(cast.officer).submit(address(case, entry), typed(entry, handling=Handling.NETWORK))
    assert sent.status_code == 303, sent.text
    assert {"nurse", "social_worker", "coordinator"} <= reading(rows, cast, asking)
    assert "nurse portal entry_opened" in heard(rows, cast, "entry_widened")
    assert heard(rows, cast, "entry_narrowed") == set()


def test_how_it_was_stays_with_who_when_and_why(
    rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, client_for: ClientFor
) -> None:
    day = clock.today() - timedelta(days=9)
    changes = {"family_safe": FamilySafe.NO, "kind": "contact", **date_boxes.posted("happened_on", day)}
    officer = client_for(cast.officer)
    assert officer.submit(address(case, entry), typed(entry, **changes)).status_code == 303
    now = again(rows, entry)
    assert (now.kind, now.family_safe, clock.local(now.happened_at).date()) == ("contact", "no", day)
    change = rows.scalars(select(EntryChange)).one()
    assert (change.changed_by, change.reason, change.number) == (cast.officer.id, "It names a source", 2)
    assert heard(rows, cast, "entry_put_right") == {"news"}
    shown = (
        client_for(cast.nurse).soup(f"/cases/{case.reference}/entries/{entry.id}").get_text(" ", strip=True)
    )
    for said in (
        "What was put right",
        "It names a source",
        "Ola Officer",
        "Kind: New information →",
        f"→ {day.day} {day:%B %Y}",
    ):
        assert said in shown, said


def test_of_two_at_once_the_second_is_shown_both(
    rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, client_for: ClientFor
) -> None:
    first, second = client_for(cast.officer), client_for(cast.colleague)
    assert first.submit(address(case, entry), typed(entry, handling=Handling.OWN)).status_code == 303
    late = second.submit(address(case, entry), typed(entry, family_safe=FamilySafe.YES))
    assert late.status_code in {409, 422}
    assert "Only the agency that wrote it" in late.text, "what it says now"
    assert again(rows, entry).handling == "own", "nobody is overwritten"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, "Change what was wrong"),
        ({"handling": Handling.OWN, "reason": ""}, "Say what was wrong"),
        ({"handling": Handling.AGENCIES, "agencies": []}, "Choose the agencies that may read it"),
        ({"handling": "everybody"}, "There is a problem"),
        ({"kind": "intelligence"}, "There is a problem"),
        (date_boxes.posted("happened_on", date(2090, 1, 1)), "There is a problem"),
        (date_boxes.posted("happened_on", date(2001, 1, 1)), "This is before the child was born"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_lost(
    rows: Session,
    cast: Cast,
    case: Case,
    entry: ChronologyEntry,
    client_for: ClientFor,
    changes: dict[str, Any],
    problem: str,
) -> None:
    answer = client_for(cast.officer).submit(address(case, entry), typed(entry, **changes))
    assert answer.status_code == 422
    assert problem in answer.text
    assert not rows.scalars(select(EntryChange)).all()


def test_only_its_own_agency_puts_it_right(
    rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, client_for: ClientFor
) -> None:
    for person, status in (
        (cast.nurse, 403), (cast.social_worker, 403), (cast.coordinator, 403), (cast.stranger, 404),
        (cast.neighbour, 404), (cast.governance, 403), (cast.administrator, 403),
    ):  # fmt: skip
        answer = client_for(person).submit(address(case, entry), typed(entry, handling=Handling.OWN))
        assert answer.status_code == status, person.name
    assert again(rows, entry).handling == "network"


def test_a_critical_moment_stays_with_whoever_leads(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    entry = add_entry(rows, case, cast.officer, text=WORDS, critical_moment="A first arrest")
    answer = client_for(cast.officer).submit(address(case, entry), typed(entry, handling=Handling.OWN))
    assert answer.status_code == 422
    assert "has to read a critical moment" in answer.text


def test_what_it_corrected_is_read_by_no_more_than_it_and_by_nobody_who_did_not_before(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, asking: Asking
) -> None:
    first = add_entry(rows, case, cast.officer, text="Seen with three adults")
    second = add_entry(rows, case, cast.officer, text=WORDS, corrects_id=first.id, correction_reason="Two")
    officer = client_for(cast.officer)
    stale = officer.submit(address(case, first), typed(first, handling=Handling.OWN))
    assert stale.status_code == 422
    assert "Correct the later one" in stale.text
    assert officer.submit(address(case, second), typed(second, handling=Handling.OWN)).status_code == 303
    assert reading(rows, cast, asking) == {"officer", "colleague"}
    wider = typed(again(rows, second), handling=Handling.NETWORK)
    assert officer.submit(address(case, second), wider).status_code == 303
    with asking(cast.nurse) as session:
        assert session.scalars(select(ChronologyEntry.text)).all() == [WORDS], "the earlier text stays shut"


def test_nobody_else_knows_any_more_that_it_is_cited_once_its_agency_keeps_it(
    cast: Cast,
    case: Case,
    entry: ChronologyEntry,
    acting: Acting,
    client_for: ClientFor,
    asking: Asking,
) -> None:
    citation = _cite(acting, cast, case, entry)
    with asking(cast.nurse) as session:
        assert session.get(Citation, citation) is not None
    client_for(cast.officer).submit(address(case, entry), typed(entry, handling=Handling.OWN))
    for person, sees in ((cast.nurse, False), (cast.coordinator, False), (cast.officer, True)):
        with asking(person) as session:
            assert (session.get(Citation, citation) is not None) is sees, person.name


def test_the_database_takes_no_change_without_its_history(
    rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, asking: Asking
) -> None:
    """SQL on the application's own connection."""
    narrower = update(ChronologyEntry).where(ChronologyEntry.id == entry.id).values(handling="own", version=2)
    with asking(cast.officer) as session, pytest.raises(DBAPIError, match="only as a change beside it says"):
        session.execute(narrower)
    for person in (cast.nurse, cast.coordinator, cast.stranger):
        with asking(person) as session:
            assert getattr(session.execute(narrower), "rowcount") == 0, person.name  # noqa: B009  # a result without the attribute has changed nothing
    for column in ("text = 'x'", "case_id = case_id", "author_id = author_id", "corrects_id = null"):
        with asking(cast.officer) as session, pytest.raises(DBAPIError, match="permission denied"):
            session.execute(text(f"update chronology_entry set {column}"))  # noqa: S608  # of the list above
    change = {
        "id": new_id(), "entry_id": entry.id, "number": 2, "before": {}, "after": {"handling": "own"},
        "reason": "x", "changed_by": cast.officer.id, "agency_id": cast.police.id, "changed_at": clock.now(),
    }  # fmt: skip
    with asking(cast.officer) as session:
        session.execute(insert(EntryChange).values(**change))
        with pytest.raises(DBAPIError, match="only as a change beside it says"):
            session.execute(narrower)
    own = {"changed_by": cast.nurse.id, "agency_id": cast.health.id}
    with asking(cast.nurse) as session, pytest.raises(DBAPIError, match="row-level security"):
        session.execute(insert(EntryChange).values(**change | own))


def _child(rows: Session, case: Case) -> str:
    found = rows.scalar(text("select reference from child where id = :id"), {"id": case.child_id})
    return str(found)


def _cite(acting: Acting, cast: Cast, case: Case, entry: ChronologyEntry) -> UUID:
    begun = begin(acting, cast.social_worker, case)
    with acting(cast.social_worker) as actor:
        record = db.session.get_one(Case, case.id)
        found = db.session.get_one(RiskAssessment, begun.id)
        holder = section_of(assessment=found, case=record, section="voice")
        cite(actor=actor, holder=holder, entry=db.session.get_one(ChronologyEntry, entry.id))
        return db.session.scalars(select(Citation.id)).one()
