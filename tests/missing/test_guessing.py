"""A guessed name that is reported as missing tells nobody whether a child of that name is known."""

import json
import re
from datetime import timedelta
from difflib import unified_diff
from uuid import RFC_4122

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import Engine, delete, select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.access import install
from portal.deadlines.model import Deadline
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildRecord, ChildScope, NameKey
from portal.records.missing.model import MissingEpisode
from portal.vocabulary import Sensitivity
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import grant, make_case, make_child
from tests.missing.conftest import BORN, Acting, reports
from tests.missing.test_pages import ClientFor, reported

NAME, NUMBER = "Yarrowmir Quenthelby", "9434765919"


def known(rows: Session, cast: Cast, sensitivity: Sensitivity) -> Case:
    child = make_child(rows, *NAME.split(), dob=BORN, nhs_number=NUMBER)
    made = make_case(
        rows,
        child,
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )
    if sensitivity:
        grant(rows, made, cast.coordinator, by=cast.coordinator)
        made.sensitivity = int(sensitivity)
        rows.commit()
    return made


def read(answer: str) -> str:
    """A page to the byte, but for references, tokens and the time."""
    page = BeautifulSoup(answer, "html.parser")
    for box in page.select("input[name=csrf_token], input[name=idempotency_key], [nonce], meta"):
        box.decompose()
    for shown in page.select("[data-clock]"):
        del shown["data-clock"]
    said = re.sub(r"\b[A-Z]{2,3}-[0-9A-Z]{4}-[0-9A-Z]{4}\b|/missing/[^/\"]+", "REF", str(page))
    said = re.sub(r"[\w-]{20,}\.[\w-]{6}\.[\w-]{20,}", "TOKEN", said)
    said = re.sub(r"\d+ hours?( and \d+ minutes?)?", "…", said)  # since when, which goes on while we look
    return re.sub(r"\d{1,2}:\d\d[ap]m|[0-9a-f]{32,}|[0-9a-f]{8}-[0-9a-f-]{27}", "…", said)


def walk(rows: Session, cast: Cast, client_for: ClientFor) -> list[str]:
    """What a stranger is shown who reports the name, opens what they reported, lists and searches."""
    client = client_for(cast.teacher)
    since = clock.now().replace(second=0, microsecond=0) - timedelta(hours=4)
    assert client.submit("/missing/report", reported(since)).status_code == 303
    rows.rollback()
    reference = rows.scalars(select(MissingEpisode.reference)).one()
    shown = [client.get(f"/missing/{reference}").text, client.get("/missing").text]
    assert NAME in shown[0], "what they reported themselves goes on to be shown"
    shown += [client.submit("/search", {"sought": sought}).text for sought in (NAME, NUMBER, "Quenthelby")]
    assert not any(NUMBER in page for page in shown[:2])
    assert all("Nothing found" in page for page in shown[2:])
    return [read(page) for page in shown]


@pytest.mark.parametrize("sensitivity", list(Sensitivity))
def test_the_pages_of_a_known_child_are_those_of_an_unknown_one_to_the_byte(
    rows: Session, cast: Cast, client_for: ClientFor, sensitivity: Sensitivity
) -> None:
    unknown = walk(rows, cast, client_for)
    for one in rows.scalars(select(MissingEpisode)):
        rows.execute(delete(MissingEpisode).where(MissingEpisode.id == one.id))
        rows.execute(delete(Deadline).where(Deadline.child_id == one.child_id))
        rows.execute(delete(NameKey).where(NameKey.child_id == one.child_id))
        rows.execute(delete(ChildRecord).where(ChildRecord.child_id == one.child_id))
        rows.execute(delete(Child).where(Child.id == one.child_id))
    rows.commit()
    known(rows, cast, sensitivity)
    for mine, other in zip(walk(rows, cast, client_for), unknown, strict=True):
        assert not list(unified_diff(other.splitlines(), mine.splitlines(), lineterm="", n=0))


def test_the_rows_of_a_known_child_are_those_of_an_unknown_one(
    rows: Session, cast: Cast, acting: Acting, asking: Asking
) -> None:
    known(rows, cast, Sensitivity.NORMAL)
    for name in (NAME, "Ossiwen Thrapstonby"):
        child_id = reports(acting, cast.teacher, name=name).child_id
        with asking(cast.teacher) as session:
            assert session.get(Child, child_id) is None
            assert not session.scalars(select(NameKey).where(NameKey.child_id == child_id)).all()
            assert not session.scalars(select(ChildScope).where(ChildScope.child_id == child_id)).all()
            assert not session.scalars(select(Deadline).where(Deadline.child_id == child_id)).all()


def test_a_new_record_has_no_identifier_that_was_sent_and_none_that_says_when_it_was_made(
    rows: Session, cast: Cast, asking: Asking
) -> None:
    rows.execute(
        text(
            "insert into child"
            " (id, reference, given_name, family_name, dob_is_estimate, created_by, created_at, version)"
            " values ('01700000-0000-7000-8000-000000000000', 'CH-AAAA-AAAA', 'A', 'B', false, :by, now(), 1)"
        ),
        {"by": cast.coordinator.id},
    )
    rows.commit()
    drawn = [rows.scalars(text("select ctx.id_like_others()")).one() for _ in range(20)]
    times = [int.from_bytes(one.bytes[:6]) for one in drawn]
    assert {one.version for one in drawn} == {7}
    assert {one.variant for one in drawn} == {RFC_4122}
    assert all(0x017000000000 <= one <= int.from_bytes(new_id().bytes[:6]) for one in times)
    assert max(times) - min(times) > 10**9
    said = {
        "id": str(new_id()),
        "reference": "ME-AAAA-AAAA",
        "reported_name": NAME,
        "status": "missing",
        "missing_since": clock.now().isoformat(),
        "reported_at": clock.now().isoformat(),
        "reported_by": "x",
        "circumstances": "",
        "last_seen": "",
        "wearing": "",
        "believed_with": "",
        "policy_version": "1",
    }
    sent = new_id()
    who = {
        "new_id": str(sent),
        "new_reference": "CH-BBBB-BBBB",
        "given_name": "Y",
        "family_name": "Q",
        "keys": [],
    }
    who |= {"eligibility_basis": "under_18"}
    with asking(cast.teacher) as session:
        session.execute(
            text("select ctx.report_missing(cast(:said as jsonb), cast(:who as jsonb))"),
            {"said": json.dumps(said), "who": json.dumps(who)},
        )
        assert session.scalars(select(MissingEpisode.child_id)).one() != sent


def test_the_police_and_social_care_of_the_authority_know_who_they_look_for(
    rows: Session, cast: Cast, acting: Acting, asking: Asking
) -> None:
    child_id = known(rows, cast, Sensitivity.NORMAL).child_id
    reports(acting, cast.teacher, name=NAME)
    for person, sees in (
        (cast.officer, True),
        (cast.social_worker, True),
        (cast.coordinator, True),
        (cast.teacher, False),
    ):
        with asking(person) as session:
            assert (session.get(Child, child_id) is not None) is sees, person.name


def test_reach_of_an_older_rule_is_taken_back_by_an_upgrade(
    rows: Session, cast: Cast, acting: Acting, asking: Asking, owner: Engine
) -> None:
    child_id = known(rows, cast, Sensitivity.NORMAL).child_id
    episode = reports(acting, cast.teacher, name=NAME)
    reader = episode.recorded_team_id
    assert reader is not None
    rows.add(ChildScope(child_id=child_id, reader=reader, sees=1, until=clock.now() + timedelta(days=9)))
    rows.commit()
    with asking(cast.teacher) as session:
        assert session.get(Child, child_id) is not None
    with owner.begin() as connection:
        install.install(connection)
    with asking(cast.teacher) as session:
        assert session.get(Child, child_id) is None
