"""Words that look like an address, a phone or a school that is held back are asked about, once (ADR 34)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.records.attachments.model import Attachment
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child, HeldWords
from portal.records.concerns.model import Concern
from portal.records.people.model import User
from portal.web.date_boxes import posted
from tests.attachments.specimens import eml, pdf, picture
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_entry, add_held_alert, involve
from tests.factories.children import say
from tests.factories.concerns import link, make_concern
from tests.factories.interviews import make_interview, make_return
from tests.factories.missing import make_episode
from tests.factories.orders import make_order
from tests.factories.panels import make_item
from tests.factories.plans import make_action

Browser = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]
WHY = "Everybody at the meeting was given it by the mother"


@pytest.fixture
def held(rows: Session, cast: Cast, case: Case, child: Child) -> None:
    """An alert, and what the police entered; the nurse does not see it."""
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    add_held_alert(rows, case, cast.social_worker)
    for kind, value, postcode in (
        ("address", "9 Quillwhistle Lane, Long Eaton", "NG10 1ZZ"),
        ("phone", "07700 900123", None),
        ("school", "Hobbledehoy Academy", None),
        ("address", "4 Juggler’s Walk, Ripley", None),
        ("address", "Flat 2, 7 Larkspur Hidden Mews, Derby", None),
        ("address", "151 Tallow Park Road, Derby", None),
        ("school", "École Cézanne", None),
        ("school", "Meadowquill Academy, Long Lane", None),
        ("school", "St. Wystan-Orrell’s Primary School, Ripley", None),
        ("school", "Park High School, Derby", None),
        ("school", "Primary School", None),
    ):
        say(rows, child, cast.officer, value, kind=kind, postcode=postcode, do_not_disclose=True)


def typed(text: str, **more: str) -> dict[str, str]:
    said = {"kind": "information", "text": text, "handling": "network", "family_safe": "ask"}
    return {**said, **posted("happened_on", clock.today()), **more}


@pytest.mark.usefixtures("held")
def test_an_entry_that_names_it_is_asked_about_once_and_nothing_that_was_typed_is_lost(
    rows: Session, cast: Cast, case: Case, client_for: Browser
) -> None:
    nurse, page = client_for(cast.nurse), f"/cases/{case.reference}/entries/new"
    words = "She was seen at the door of 9, quillwhistle lane on Monday."
    asked = nurse.submit(page, typed(words))
    assert asked.status_code == 422, asked.text
    assert "This looks like the child’s address, which must not be disclosed" in asked.text
    assert "Why may these words stand?" in asked.text
    assert words in asked.text.replace("&#39;", "'"), "nothing that was typed is lost"
    assert not rows.scalars(select(ChronologyEntry)).all()
    assert nurse.submit(page, typed(words, held_because=WHY)).status_code == 303
    assert rows.scalars(select(ChronologyEntry.text)).all() == [words]
    kept = rows.scalars(select(HeldWords)).one()
    assert (kept.reason, kept.kinds, kept.said_by) == (WHY, ["address"], cast.nurse.id)
    done = rows.scalars(select(AuditEvent.action).where(AuditEvent.action.like("held_words:%"))).all()
    assert list(done) == ["held_words:ask", "held_words:stand"]


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    ("words", "looks"),
    [
        ("He lives at 9 Quillwhistle Ln now", True),
        ("They moved to ng10 1zz", True),
        ("Ring 07700-900 123", True),
        ("Ring +44 7700 900123", True),
        ("She is at hobbledehoy academy", True),
        ("She sleeps at 4 Jugglers Walk", True),
        ("She sleeps at 4 Juggler's Walk", True),
        ("Today she was at Ecole Cezanne", True),
        ("She sleeps at 14 Jugglers Walk", False),
        ("It happened at 19 Quillwhistle Lane", False),
        ("It happened in Quillwhistle Lane", False),
        ("She went towards Larkspur Hidden Mews.", True),
        ("Larkspur  hidden-mews, near the shop", True),
        ("She was seen at 9 Larkspur Hidden Mews", False),
        ("It happened in Hidden Mews", False),
        ("It happened in Tallow Park Road", False),
        ("She is at 151 Tallow Park Road", True),
        ("Ring 07700 900124", False),
        ("She goes to school in NG10 1ZY", False),
        ("Rang Meadowquill Academy", True),
        ("Rang MEADOWQUILL school: not in", True),
        ("Met on the way to Meadowquill", False),
        ("It happened in Long Lane", False),
        ("She left Saint Wystan Orrells at noon", True),
        ("Was with the head of st wystan-orrell’s today", True),
        ("They go to Wystan", False),
        ("They met by Park High School", True),
        ("They met in the park in Derby, high on something", False),
        ("No school in Derby took them, no primary school did", False),
    ],
)
def test_what_looks_like_it_is_compared_without_its_dress(
    rows: Session, cast: Cast, case: Case, asking: Asking, words: str, looks: bool
) -> None:
    asked = text("select count(*) from ctx.looks_held(array[:case], :words)")
    with asking(cast.nurse) as session:
        found = session.scalar(asked, {"case": case.reference, "words": words})
    assert bool(found) is looks


@pytest.mark.usefixtures("held")
def test_nobody_tries_words_on_a_child_whom_they_do_not_reach(
    rows: Session, cast: Cast, case: Case, child: Child, asking: Asking
) -> None:
    asked = text("select count(*) from ctx.looks_held(array[:one, :other], '9 Quillwhistle Lane')")
    names = {"one": case.reference, "other": child.reference}
    for person, found in (
        (cast.officer, 1), (cast.colleague, 1), (cast.nurse, 1), (cast.neighbour, 0), (cast.stranger, 0),
        (cast.governance, 0), (cast.administrator, 0),
    ):  # fmt: skip
        with asking(person) as session:
            assert session.scalar(asked, names) == found, person.name


@pytest.mark.usefixtures("held")
def test_why_they_stand_is_read_by_those_who_read_the_record_and_by_governance_and_changed_by_nobody(
    rows: Session, cast: Cast, case: Case, client_for: Browser, asking: Asking
) -> None:
    said = typed("At 9 Quillwhistle Lane", held_because=WHY)
    assert client_for(cast.nurse).submit(f"/cases/{case.reference}/entries/new", said).status_code == 303
    for person, many in (
        (cast.nurse, 1), (cast.officer, 1), (cast.governance, 1), (cast.stranger, 0), (cast.neighbour, 0),
    ):  # fmt: skip
        with asking(person) as session:
            assert len(session.scalars(select(HeldWords)).all()) == many, person.name
    for change in ("update held_words set reason = 'x'", "delete from held_words"):
        with asking(cast.nurse) as session, pytest.raises(DBAPIError, match="permission denied"):
            session.execute(text(change))
    with asking(cast.nurse) as session, pytest.raises(DBAPIError, match="says why"):
        session.execute(text("select ctx.let_words_stand(array['x'], 'x', 'x', ' ')"))


@pytest.mark.usefixtures("held")
def test_other_words_and_other_children_are_not_asked_about(
    rows: Session, cast: Cast, case: Case, client_for: Browser
) -> None:
    page = f"/cases/{case.reference}/entries/new"
    assert client_for(cast.nurse).submit(page, typed("She came in on Monday")).status_code == 303
    assert not rows.scalars(select(HeldWords)).all()


@pytest.mark.usefixtures("held")
def test_so_are_what_a_child_said_and_a_question_to_another_agency(
    rows: Session, cast: Cast, case: Case, child: Child, client_for: Browser
) -> None:
    back = make_return(rows, child, cast.social_worker, recorded_team_id=cast.social_care_team.id)
    interview = make_interview(rows, [back], cast.social_worker, offered="yes", offered_how="phone")
    worker, words = client_for(cast.social_worker), "They wait at 9 Quillwhistle Lane"
    for page, field in (
        (f"/return-interviews/{interview.reference}/write", "where"),
        (f"/return-interviews/{interview.reference}/attempt", "words"),
        (f"/cases/{case.reference}/alerts/new", "text"),
    ):
        today = {**posted("on", clock.today()), "clock_time": "00:01", "way": "phone"}
        alert = {"kind": "risk_to_workers", "owner": str(cast.social_worker.id), "child_told": "yes"}
        review = posted("review_on", clock.today() + timedelta(days=9))
        said = {**today, **alert, **review, field: words, "version": str(interview.version)}
        asked = worker.submit(page, said)
        assert asked.status_code == 422, page
        assert "Why may these words stand?" in asked.text, page
        assert words in asked.text, page
        assert worker.submit(page, said | {"held_because": WHY}).status_code == 303, page
    assert len(rows.scalars(select(HeldWords)).all()) == 3


@pytest.mark.usefixtures("held")
def test_so_is_a_place_of_concern_that_is_made_from_the_case(
    rows: Session, cast: Cast, case: Case, child: Child, client_for: Browser
) -> None:
    page = f"/concerns/new/place?from={case.reference}"
    said = {"name": "9 Quillwhistle Lane", "place_kind": "shop", "looked": "yes", "basis": "Seen there"}
    said |= {"children": child.reference, "child_role": "seen_there"}
    asked = client_for(cast.nurse).submit(page, said)
    assert asked.status_code == 422, asked.text
    assert "Why may these words stand?" in asked.text
    assert not rows.scalars(select(Concern)).all()
    assert client_for(cast.nurse).submit(page, said | {"held_because": WHY}).status_code == 303
    assert rows.scalars(select(HeldWords)).one().reason == WHY


@pytest.mark.usefixtures("held")
def test_whoever_enters_an_address_is_not_asked_whether_it_is_one(
    rows: Session, cast: Cast, child: Child, client_for: Browser
) -> None:
    page = f"/children/{child.reference}/address/add"
    said = {"value": "9 Quillwhistle Lane", "who_sees": "held"}
    assert client_for(cast.nurse).submit(page, said).status_code == 303


@pytest.mark.usefixtures("held")
def test_so_are_notes_on_a_place_that_is_linked_to_the_child_and_what_hangs_on_it(
    rows: Session, cast: Cast, child: Child, client_for: Browser, asking: Asking
) -> None:
    place = make_concern(rows, cast.officer)
    link(rows, place, child, cast.officer)
    action = make_action(rows, place, cast.officer, cast.officer)
    item = make_item(rows, by=cast.officer, concern=place)
    asked = text("select count(*) from ctx.looks_held(array[:one], '9 Quillwhistle Lane')")
    for one in (place, action, item):
        for person, found in ((cast.officer, 1), (cast.nurse, 1), (cast.neighbour, 0), (cast.stranger, 0)):
            with asking(person) as session:
                assert session.scalar(asked, {"one": one.reference}) == found, (one.reference, person.name)
    page = f"/concerns/{place.reference}/notes/new"
    said = {
        "text": "Seen at 9 Quillwhistle Lane",
        "handling": "network",
        **posted("happened_on", clock.today()),
    }
    answer = client_for(cast.officer).submit(page, said)
    assert answer.status_code == 422
    assert "Why may these words stand?" in answer.text


@pytest.mark.usefixtures("held")
def test_so_is_what_is_said_of_an_order_that_protects_the_child(
    rows: Session, cast: Cast, child: Child, client_for: Browser
) -> None:
    somebody = make_concern(rows, cast.officer, kind="person", name="Marlo Quillharm")
    order = make_order(rows, somebody, cast.officer, protects=child)
    said = {"words": "He waited at 9 Quillwhistle Lane", "version": "1", **posted("on", clock.today())}
    answer = client_for(cast.officer).submit(f"/orders/{order.reference}/broken", said)
    assert answer.status_code == 422
    assert "Why may these words stand?" in answer.text
    again = client_for(cast.officer).submit(f"/orders/{order.reference}/broken", said | {"held_because": WHY})
    assert again.status_code == 303


@pytest.mark.usefixtures("held")
def test_a_file_is_not_called_so(rows: Session, cast: Cast, case: Case, client_for: Browser) -> None:
    entry = add_entry(rows, case, cast.nurse, text="A note")
    page, nurse = f"/cases/{case.reference}/entries/{entry.id}/files", client_for(cast.nurse)
    for name, status in (
        ("9_Quillwhistle Lane.pdf", 422),
        ("9quillwhistlelane.pdf", 422),
        ("photo-9QuillwhistleLane2.pdf", 422),
        ("4JugglersWalk.pdf", 422),
        ("A note.pdf", 303),
    ):
        answer = nurse.submit(page, {"file": (BytesIO(pdf()), name)})
        assert answer.status_code == status, name
        if status == 422:
            assert "Its name looks like the child’s address" in answer.text
    assert rows.scalars(select(Attachment.name)).all() == ["A note"]
    for carried, status in (("9 Quillwhistle Lane.pdf", 422), ("A letter.pdf", 303)):
        email = eml(text=carried, files=[(carried, pdf(marker=carried))])
        answer = nurse.submit(page, {"file": (BytesIO(email), "Friday.eml")})
        assert answer.status_code == status, carried
        if status == 422:
            assert "The name of a file in this e-mail looks like the child’s address" in answer.text
    assert set(rows.scalars(select(Attachment.name))) == {"A note", "Friday", "A letter"}
    asked = rows.scalars(select(AuditEvent.id).filter_by(action="held_words:ask", actor_id=cast.nurse.id))
    assert len(asked.all()) == 5


@pytest.mark.usefixtures("held")
def test_a_picture_of_a_missing_child_is_not_called_so_and_nobody_is_asked(
    rows: Session, cast: Cast, child: Child, client_for: Browser
) -> None:
    """To ask whoever merely looks for the child would tell them that the portal knows it (ADR 16)."""
    episode = make_episode(rows, child, cast.teacher, team=cast.school_team)
    page = f"/missing/{episode.reference}/picture"
    for number, person in enumerate((cast.teacher, cast.nurse, cast.officer)):
        sent = {"file": (BytesIO(picture(size=(30 + number, 40))), "9 Quillwhistle Lane.png")}
        assert client_for(person).submit(page, sent).status_code == 303, person.name
    assert set(rows.scalars(select(Attachment.name))) == {"Picture 1", "Picture 2", "Picture 3"}
    for person in (cast.teacher, cast.social_worker):
        assert "Quillwhistle" not in client_for(person).get(page).text, person.name
    assert client_for(cast.stranger).get(page).status_code == 404
