"""The pages beside the record: a decision, a closed part, a lower level that waits, the minutes to read."""

from collections.abc import Callable
from datetime import time, timedelta
from io import BytesIO
from uuid import UUID

import pytest
import time_machine
from bs4 import BeautifulSoup
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.model import new_id
from portal.pathway.calendar import at_local
from portal.records.cases.model import Case
from portal.records.entries.model import Citation
from portal.records.meetings.model import AgendaItem, Meeting
from portal.records.minutes.meeting_levels import decide_in_meeting
from portal.records.minutes.model import ClosedMinute, ClosedReader, Decision, DecisionPart, LevelProposal
from portal.records.people.model import User
from portal.vocabulary import RiskLevel
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.client import Client
from tests.factories.assessments import make_finalised
from tests.factories.cases import add_entry
from tests.factories.minutes import make_closed_minute, make_decision, make_minute
from tests.meetings.calls import read
from tests.meetings.days import Day, acted, make_day

Browser = Callable[[User | None], Client]
SECRET = "Zephyrbrook"


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    """A review of a case at medium risk with one decision and one minute."""
    day = make_day(rows, cast, kind="review")
    make_finalised(rows, day.case, cast.social_worker)
    case = rows.get_one(Case, day.case.id)
    case.level, case.level_since = "medium", clock.today()
    rows.commit()
    make_minute(rows, day.meeting, "She likes school", case=day.case)
    make_decision(rows, day.meeting, "Meet at school", "She asked", case=day.case)
    return day


def at(day: Day, more: str) -> str:
    return f"/meetings/{day.meeting.reference}{more}"


def decision_of(rows: Session, day: Day) -> Decision:
    rows.expire_all()
    return rows.scalars(select(Decision).where(Decision.meeting_id == day.meeting.id)).one()


def test_a_decision_is_changed_its_parts_are_said_and_it_is_taken_back(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    browser, kept = client_for(cast.coordinator), decision_of(rows, day)
    page = at(day, f"/decisions/{kept.id}")
    assert browser.get(page).status_code == 200
    said = {"text": "Meet in town", "reason": "She asked", "outcome": "continue", "version": "1"}
    assert browser.submit(page, said).status_code == 303
    assert decision_of(rows, day).text == "Meet in town"
    clash = browser.submit(page, said | {"text": "Meet at home"})
    assert clash.status_code == 409
    assert "Meet in town" in clash.text
    assert "Meet at home" in clash.text
    parts = {f"p-{cast.police.id}-stance": "dissents", f"p-{cast.police.id}-seen": "x"}
    refused = browser.submit(f"{page}/parts", parts)
    assert refused.status_code in {409, 422}
    seen = read(browser.get(page)).select_one(f"[name='p-{cast.police.id}-seen']")
    assert seen is not None
    parts |= {f"p-{cast.police.id}-seen": str(seen["value"])}
    assert "say why" in browser.submit(f"{page}/parts", parts).text
    parts |= {f"p-{cast.police.id}-words": "Too early"}
    assert browser.submit(f"{page}/parts", parts).status_code == 303
    assert rows.scalars(select(DecisionPart.words).where(DecisionPart.agency_id == cast.police.id)).one()
    taken_back = {"withdraw_reason": "Typed twice", "version": "1"}
    clash = browser.submit(f"{page}/withdraw", taken_back)
    assert clash.status_code == 409
    again = read(clash).select_one("form[action$='/withdraw'] [name='version']")
    assert again is not None
    assert again["value"] == "2"
    back = browser.submit(f"{page}/withdraw", taken_back | {"version": "2"})
    assert back.status_code == 303
    assert decision_of(rows, day).withdrawn_reason == "Typed twice"


def test_a_decision_of_another_meeting_is_not_found_here(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    other = make_decision(rows, make_day(rows, cast).meeting, "Else", "Else")
    assert client_for(cast.coordinator).get(at(day, f"/decisions/{other.id}")).status_code == 404


def test_a_closed_part_is_on_its_own_page_and_nowhere_else(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    chair = client_for(cast.chair)
    answer = chair.submit(
        at(day, "/closed/new"),
        {"heading": f"About {SECRET}", "text": f"{SECRET} is arrested on Friday", "about": str(day.case.id)},
    )
    assert answer.status_code == 303
    own = answer.headers["Location"]
    assert SECRET in chair.get(own).text
    named = chair.submit(f"{own}/readers", {"person": str(cast.nurse.id)})
    assert named.status_code == 303, read(named).select_one(".govuk-error-summary")
    assert SECRET in client_for(cast.nurse).get(own).text
    case = rows.get_one(Case, day.case.id).reference
    pages = ("/record", "/minutes", "/minutes/print", "", "/agenda", "/attendance")
    places = [
        *(at(day, one) for one in pages),
        f"/cases/{case}",
        f"/cases/{case}/print",
        f"/cases/{case}/level",
    ]
    for who in (cast.chair, cast.coordinator, cast.nurse, cast.social_worker):
        browser = client_for(who)
        browser.check_pages = False
        for place in (*places, f"/search?q={SECRET}"):
            for headers in ({}, {"HX-Request": "true", "HX-Target": "main#main-content"}):
                text = browser.get(place, headers=headers).text.replace(f"q={SECRET}", "")
                if "search" not in place:
                    assert SECRET not in text, f"{place} shows it to {who.name}"
    for stranger in (cast.officer, cast.social_worker, cast.stranger, cast.social_care_manager, None):
        browser = client_for(stranger)
        answer = browser.get(own)
        assert answer.status_code in {303, 404}
        assert SECRET not in answer.text
    assert chair.submit(f"{own}/readers/{cast.nurse.id}/remove", {"reason": "x"}).status_code == 303
    assert client_for(cast.nurse).get(own).status_code == 404


def test_a_closed_part_is_in_no_pack(rows: Session, cast: Cast, day: Day, client_for: Browser) -> None:
    make_closed_minute(rows, day.meeting, SECRET, case=day.case)
    chair = client_for(cast.chair)
    chair.check_pages = False
    pack = chair.get(at(day, "/pack.pdf"))
    assert pack.status_code == 200
    assert SECRET not in "".join(sheet.extract_text() for sheet in PdfReader(BytesIO(pack.data)).pages)


def test_the_record_says_that_there_is_a_closed_part_to_whoever_may_read_it_alone(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    make_closed_minute(rows, day.meeting, SECRET, case=day.case)
    assert "There is a closed part" in client_for(cast.coordinator).get(at(day, "/record")).text
    assert "closed part" not in client_for(cast.social_worker).get(at(day, "/record")).text


def let_read(rows: Session, closed: ClosedMinute, *people: User) -> None:
    """The people are named for a closed part."""
    for one in people:
        named = {"named_by": closed.saved_by, "named_at": clock.now()}
        rows.add(ClosedReader(closed_id=closed.id, user_id=one.id, **named))
    rows.commit()


def test_every_page_around_a_meeting_leads_whoever_may_read_a_closed_part_to_it_and_nobody_else(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    closed = make_closed_minute(rows, day.meeting, SECRET, case=day.case)
    let_read(rows, closed, cast.officer, cast.nurse)
    own = at(day, f"/closed/{closed.id}")
    invitation = f"/invitations/{day.health.reference}"
    for state in ("held", "minutes_in_draft", "approved", "distributed"):
        rows.get_one(Meeting, day.meeting.id).state = state
        rows.commit()
        for who in (cast.chair, cast.coordinator, cast.officer):
            for page in ("", "/minutes", "/versions"):
                shown = client_for(who).soup(at(day, page))
                assert shown.select_one(f"a[href='{own}']"), (state, who.name, page)
        assert client_for(cast.chair).soup(at(day, "/record")).select_one(f"a[href='{own}']"), state
        assert client_for(cast.nurse).soup(invitation).select_one(f"a[href='{own}']"), state
        for page in ("", "/minutes", "/versions", "/minutes/print"):
            assert "losed part" not in client_for(cast.social_worker).get(at(day, page)).text, (state, page)
    assert "losed part" not in client_for(cast.chair).get(at(day, "/minutes/print")).text, "nor on paper"


def test_the_message_to_whoever_is_named_opens_the_closed_part(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    closed = make_closed_minute(rows, day.meeting, SECRET, case=day.case).id
    own, chair = at(day, f"/closed/{closed}"), client_for(cast.chair)
    assert chair.submit(f"{own}/readers", {"person": str(cast.nurse.id)}).status_code == 303
    message = rows.scalars(select(OutboxMessage.id).filter_by(kind="minutes_for_you", channel="mail")).one()
    nurse = client_for(cast.nurse)
    led = nurse.get(f"/go/{message}").headers["Location"]
    assert nurse.get(led).headers["Location"] == own
    assert SECRET in nurse.get(own).text
    for stranger in (cast.social_worker, cast.social_care_manager):
        assert client_for(stranger).get(f"/go/{message}").status_code == 404, "it is no message of theirs"
    elsewhere = client_for(cast.social_worker).get(at(day, "/closed"))
    assert elsewhere.headers["Location"] == at(day, ""), "as of a meeting without one"
    assert client_for(cast.stranger).get(at(day, "/closed")).status_code == 404
    other = make_closed_minute(rows, day.meeting, "Another", case=day.case)
    let_read(rows, other, cast.nurse)
    choice = nurse.soup(led)
    assert [a["href"] for a in choice.select("main a[href*='/closed/']")] == [
        at(day, f"/closed/{one}") for one in sorted((closed, other.id))
    ]
    assert chair.submit(f"{own}/readers/{cast.nurse.id}/remove", {"reason": "x"}).status_code == 303
    assert nurse.get(led).headers["Location"] == at(day, f"/closed/{other.id}")


def test_nobody_but_chair_and_note_taker_writes_a_closed_part_or_names_somebody(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    closed = make_closed_minute(rows, day.meeting, SECRET, case=day.case)
    rows.add(
        ClosedReader(
            closed_id=closed.id, user_id=cast.officer.id, named_by=cast.chair.id, named_at=clock.now()
        )
    )
    rows.commit()
    own = at(day, f"/closed/{closed.id}")
    for who, status in ((cast.officer, 403), (cast.social_worker, 403), (cast.stranger, 404)):
        browser = client_for(who)
        assert browser.submit(own, {"heading": "H", "text": "T", "version": "1"}).status_code == status
        assert browser.submit(f"{own}/readers", {"person": str(who.id)}).status_code == status
        assert browser.get(at(day, "/closed/new")).status_code == status
    assert rows.scalars(select(ClosedReader.user_id)).all() == [cast.officer.id]


def propose(rows: Session, day: Day, by: User) -> UUID:
    row = LevelProposal(
        id=new_id(),
        meeting_id=day.meeting.id,
        case_id=day.case.id,
        before="medium",
        level="low",
        reason="No episode for a month",
        proposed_by=by.id,
        proposed_at=clock.now(),
    )
    rows.add(row)
    rows.commit()
    return row.id


def test_the_second_person_agrees_to_a_lower_level_on_its_page(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    propose(rows, day, cast.coordinator)
    place = f"/cases/{day.case.reference}/lower-level"
    chair = client_for(cast.chair)
    assert chair.soup(f"/cases/{day.case.reference}/level").select_one(f"a[href='{place}']")
    assert "No episode for a month" in chair.get(place).text
    assert chair.submit(place, {"agrees": "no"}).status_code == 422
    assert chair.submit(place, {"agrees": "yes"}).status_code == 303
    rows.expire_all()
    assert rows.get_one(Case, day.case.id).level == "low"
    assert f"{cast.chair.name} settled the last one" in chair.get(place).text
    late = chair.submit(place, {"agrees": "no", "reason": "Another page"})
    said = chair.page_of(late).get_text()
    assert (late.status_code, "none waits any more" in said, "Another page" in said) == (409, True, True)
    assert "No lower level waits" in chair.get(place).text
    assert client_for(cast.stranger).get(place).status_code == 404


def test_whoever_is_reminded_of_a_lower_level_and_may_not_settle_it_reads_who_does(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    propose(rows, day, cast.chair)
    place = f"/cases/{day.case.reference}/lower-level"
    for who in (cast.coordinator, cast.officer):
        client = client_for(who)
        page = client.soup(place)
        assert "A manager of the agency that leads, or the chair of an open meeting" in page.get_text()
        assert not page.select("main button")
        assert client.submit(place, {"agrees": "yes"}).status_code == 403
    rows.expire_all()
    assert rows.get_one(Case, day.case.id).level != "low"


def test_the_duty_of_the_second_person_leads_to_the_page_on_which_they_agree(
    rows: Session, cast: Cast, day: Day, acting: Acting, client_for: Browser
) -> None:
    with acting(cast.coordinator) as actor:
        case = db.session.get_one(Case, day.case.id)
        decide_in_meeting(
            actor=actor, meeting=acted(day.meeting), case=case, level=RiskLevel.LOW, reason="As all said"
        )
    work = client_for(cast.chair).soup("/work")
    assert work.select_one(f"a[href='/cases/{day.case.reference}/lower-level']")


def test_whoever_recorded_a_lower_level_is_told_that_it_takes_somebody_else_and_may_take_it_back(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    waits = propose(rows, day, cast.chair)
    chair = client_for(cast.chair)
    place = f"/cases/{day.case.reference}/lower-level"
    assert "You recorded this level" in chair.get(place).text
    assert chair.submit(place, {"agrees": "yes"}).status_code == 403
    back = at(day, f"/levels/{waits}/take-back")
    assert chair.get(back).status_code == 200
    assert chair.submit(back, {"reason": "Wrong child"}).status_code == 303
    rows.expire_all()
    assert rows.get_one(LevelProposal, waits).accepted is False


def test_the_minutes_are_read_by_whoever_reads_the_case_and_the_invited_are_led_to_their_invitation(
    cast: Cast, day: Day, client_for: Browser
) -> None:
    for who in (cast.officer, cast.social_worker, cast.coordinator):
        for place in (at(day, "/minutes"), at(day, "/minutes/print")):
            page = client_for(who).get(place)
            assert page.status_code == 200
            assert "She likes school" in page.text
            assert "Meet at school" in page.text
    invited = client_for(cast.community_safety).get(at(day, "/minutes"))
    assert invited.status_code == 303
    assert day.council.reference in invited.headers["Location"]
    assert client_for(cast.stranger).get(at(day, "/minutes")).status_code == 404


def test_an_entry_is_cited_under_a_heading_after_what_was_typed_is_kept(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    entry = add_entry(rows, day.case, cast.officer)
    item = rows.scalars(select(AgendaItem.id).where(AgendaItem.meeting_id == day.meeting.id)).one()
    browser = client_for(cast.coordinator)
    sent = {f"m-{item}-words": "She likes school a lot", f"m-{item}-seen": "0:x", f"m-{item}-over": "1"}
    answer = browser.submit(at(day, "/record"), sent | {"action": f"cite:{item}"})
    assert answer.status_code == 303
    choose = at(day, f"/record/{item}/cite")
    assert answer.headers["Location"].endswith(choose)
    assert browser.get(choose).status_code == 200
    assert browser.submit(f"{choose}/{entry.id}", {}).status_code == 303
    assert rows.scalars(select(Citation.holder_kind)).all() == ["minute"]
    assert "Entry cited" in browser.get(at(day, "/record")).text
    assert "Entry cited" in browser.get(at(day, "/minutes")).text


def test_a_review_looks_back_on_the_meeting_before_and_on_what_is_still_to_be_done(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    before = make_day(rows, cast, cases=[day.case], starts_at=clock.now() - timedelta(days=30))
    before.meeting.held_at = before.meeting.ends_at
    rows.add(before.meeting)
    rows.commit()
    make_decision(rows, before.meeting, "Ring her every week", "She wants it", case=day.case)
    page = client_for(cast.coordinator).get(at(day, "/record"))
    assert "Since the last meeting" in page.text
    assert "Ring her every week" in page.text


def test_beside_the_levels_only_whoever_may_agree_is_led_to_it(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    propose(rows, day, cast.chair)
    levels, place = f"/cases/{day.case.reference}/level", f"/cases/{day.case.reference}/lower-level"
    assert place in client_for(cast.social_care_manager).get(levels).text
    page = client_for(cast.officer).get(levels).text
    assert "It waits for a second person" in page
    assert place not in page


def levels_offered(page: str) -> list[str]:
    return [str(one["value"]) for one in BeautifulSoup(page, "html.parser").select("input[name$='-level']")]


def test_a_meeting_on_a_case_that_was_never_assessed_is_led_to_an_assessment_and_offered_no_level(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    day = make_day(rows, cast, kind="review")
    day.meeting.note_taker_id = cast.officer.id
    rows.commit()
    start, levels = (f"/cases/{day.case.reference}/{one}" for one in ("assess", "level"))
    for person, place in ((cast.social_worker, start), (cast.coordinator, start), (cast.officer, levels)):
        page = client_for(person).get(at(day, "/record"))
        assert not levels_offered(page.text), person.name
        assert "This case has no level yet. A risk assessment gives it the first." in page.text
        assert read(page).select(f"a[href='{place}']"), person.name
        assert client_for(person).get(place).status_code == 200, "it leads somewhere"
    child = day.case.id
    typed = {f"d-{child}-level": "low", f"d-{child}-level_reason": "Kept for me", f"d-{child}-rows": "1"}
    refused = client_for(cast.coordinator).submit(at(day, "/record"), typed)
    assert refused.status_code == 422
    assert "Kept for me" in refused.text, "what was typed is not lost"
    assert rows.get_one(Case, day.case.id).level is None


def test_no_level_is_offered_while_a_lower_one_waits(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    place, chair = at(day, "/record"), client_for(cast.chair)
    assert "high" in levels_offered(chair.get(place).text)
    propose(rows, day, cast.coordinator)
    page = chair.get(place).text
    assert not levels_offered(page)
    assert "It is taken or refused before another is decided." in page


def test_that_a_meeting_was_held_is_offered_on_its_record_once_it_has_begun(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    at_two = at_local(clock.today(), time(14))
    with time_machine.travel(at_two, tick=False) as now:
        day = make_day(rows, cast, starts_at=at_two + timedelta(hours=1))
        chair, held = client_for(cast.chair), "button[name=action][value=hold]"
        page = read(chair.get(at(day, "/record")))
        assert not page.select(held)
        assert "is to begin at 3:00pm. Before that it cannot be recorded as held" in page.get_text()
        (earlier,) = [one["href"] for one in page.select("#record-form a") if "when it began" in one.text]
        assert read(chair.get(str(earlier))).select("[name=began]")
        now.shift(timedelta(hours=1))
        page = read(chair.get(at(day, "/record")))
        assert page.select(held)
        assert "is to begin at" not in page.get_text()
