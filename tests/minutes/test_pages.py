"""The pages on which minutes are sent round, corrected, approved, distributed and read."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.messages.model import OutboxMessage
from portal.records.cases.model import AccessGrant, Case
from portal.records.children.model import Child, HeldWords
from portal.records.disclosures.model import Disclosure
from portal.records.meetings.model import Meeting, MeetingHandout
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import Decision, Minute, MinutesCopy, MinutesCorrection, MinutesIssue
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from portal.web.date_boxes import posted
from tests.cast import Cast
from tests.client import Client
from tests.documents.reading import open_pdf
from tests.factories.cases import add_alert, add_held_alert
from tests.factories.children import say
from tests.meetings.recorded import CLOSED, DECIDED, SAID, Recorded, make_recorded

ClientFor = Callable[[User | None], Client]
AUNT = "She wants to see her aunt."


@pytest.fixture
def held(rows: Session, cast: Cast) -> Recorded:
    return make_recorded(rows, cast)


def fresh(rows: Session) -> Session:
    rows.rollback()
    rows.expire_all()
    return rows


def reference_of(rows: Session, kind: str) -> str:
    return fresh(rows).query(MinutesIssue).filter_by(kind=kind).one().reference


def approved(chair: Client, held: Recorded) -> None:
    chair.submit(f"/meetings/{held.meeting.reference}/versions/approve")


def given(chair: Client, held: Recorded) -> None:
    """Approve and distribute to everybody who is ticked when the page opens."""
    approved(chair, held)
    place = f"/meetings/{held.meeting.reference}/versions/distribute"
    ticked = [one["value"] for one in chair.soup(place).select("input[name=to][checked]")]
    chair.submit(place, data={"to": ticked})


def test_a_record_in_which_a_held_address_stands_is_sent_on_only_with_a_reason(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    add_held_alert(rows, held.case, cast.social_worker)
    child = rows.get_one(Child, held.case.child_id)
    say(rows, child, cast.officer, "9 Quillwhistle Lane, Long Eaton", do_not_disclose=True)
    item = rows.get_one(Minute, held.minute.id)
    item.text += "\n\nShe sleeps at 9 Quillwhistle Lane now."
    rows.commit()
    place = f"/meetings/{held.meeting.reference}/versions"
    why = {"held_because": "Everybody there was given it by the mother"}
    for person, step in ((cast.coordinator, "circulate"), (cast.chair, "approve")):
        before = rows.query(MinutesIssue).count()
        asked = client_for(person).submit(f"{place}/{step}")
        assert asked.status_code == 422, step
        assert "looks like the child’s address, which must not be disclosed" in asked.text
        assert "Why may these words stand?" in asked.text
        assert fresh(rows).query(MinutesIssue).count() == before, "nothing goes out meanwhile"
        assert client_for(person).submit(f"{place}/{step}", data=why).status_code == 303, step
    assert [one.said_by for one in rows.query(HeldWords).order_by(HeldWords.said_at)] == [
        cast.coordinator.id,
        cast.chair.id,
    ]


def test_a_draft_that_has_not_changed_is_not_said_to_be_sent_again(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    notes, place = client_for(cast.coordinator), f"/meetings/{held.meeting.reference}/versions/circulate"
    first = notes.get(notes.submit(place).headers["Location"]).text
    assert "The draft goes out" in first
    again = notes.get(notes.submit(place).headers["Location"]).text
    assert "Nothing has changed since the last draft, so it does not go out again" in again
    assert "govuk-notification-banner--success" not in again
    assert fresh(rows).query(MinutesIssue).count() == 1


def test_the_end_of_one_text_and_the_beginning_of_another_are_no_address(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    add_held_alert(rows, held.case, cast.social_worker)
    child = rows.get_one(Child, held.case.child_id)
    say(rows, child, cast.officer, "9 Quillwhistle Lane, Long Eaton", do_not_disclose=True)
    rows.get_one(Minute, held.minute.id).text = "She is 9"
    rows.get_one(Decision, held.decision.id).text = "Quillwhistle Lane is looked at again"
    rows.commit()
    place = f"/meetings/{held.meeting.reference}/versions/circulate"
    assert client_for(cast.coordinator).submit(place).status_code == 303


def test_a_draft_goes_round_is_corrected_answered_approved_and_distributed(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    notes, chair, council = (client_for(one) for one in (cast.coordinator, cast.chair, cast.community_safety))
    place = f"/meetings/{held.meeting.reference}/versions"
    assert "Chas Chair" in notes.soup(f"{place}/circulate").get_text()
    assert notes.submit(f"{place}/circulate").status_code == 303
    draft = reference_of(rows, "draft")
    page = council.soup(f"/minutes/{draft}").get_text()
    assert SAID in page
    assert CLOSED not in page
    assert council.get(f"/minutes/{draft}/print").status_code == 403
    answer = council.submit(f"/minutes/{draft}/correct", data={"text": "It was Monday"})
    assert answer.status_code == 303
    asked = fresh(rows).query(MinutesCorrection).one()
    assert "It was Monday" in notes.soup(place).get_text()
    settle = f"/meetings/{held.meeting.reference}/corrections/{asked.id}"
    assert notes.submit(settle, data={"taken": "no"}).status_code == 422
    assert chair.submit(f"{place}/approve").status_code == 422, "a correction waits"
    assert notes.submit(settle, data={"taken": "no", "answer": "It was not"}).status_code == 303
    assert "It was not" in council.soup(f"/minutes/{draft}").get_text(), "whoever asked reads the answer"
    assert chair.submit(f"{place}/approve").status_code == 303
    given_page = f"{place}/distribute"
    ticked = [one["value"] for one in chair.soup(given_page).select("input[name=to][checked]")]
    assert len(ticked) == 5, "everybody with an account is ticked to begin with"
    assert chair.submit(given_page, data={"to": [str(held.council.id)]}).status_code == 303
    assert fresh(rows).get_one(type(held.meeting), held.meeting.id).state == MeetingState.DISTRIBUTED
    given = fresh(rows).query(Disclosure).order_by(Disclosure.decided_at.desc()).first()
    assert given is not None
    page = council.soup(f"/told/{given.reference}").get_text(" ")
    assert "The child of one case" in page, "that no child is noted does not say that it is about none"


def test_a_correction_that_was_taken_and_not_made_stands_on_the_page_of_approval(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    notes, chair, council = (client_for(one) for one in (cast.coordinator, cast.chair, cast.community_safety))
    place = f"/meetings/{held.meeting.reference}/versions"
    notes.submit(f"{place}/circulate")
    asks = {"text": "It was Monday", "about": str(held.minute.item_id)}
    council.submit(f"/minutes/{reference_of(rows, 'draft')}/correct", data=asks)
    asked = fresh(rows).query(MinutesCorrection).one()
    settle = f"/meetings/{held.meeting.reference}/corrections/{asked.id}"
    notes.submit(settle, data={"taken": "yes", "answer": "Yes, put right"})
    assert "It changes no text: change the record next" in notes.soup(place).get_text()
    page = chair.soup(f"{place}/approve")
    assert "It was Monday" in page.get_text()
    assert page.select_one("input[name=without]")
    refused = chair.submit(f"{place}/approve")
    assert refused.status_code == 422
    said = {"without": [str(asked.id)], "reason": "The report says it"}
    assert chair.submit(f"{place}/approve", data=said).status_code == 303
    page_words = council.soup(f"/minutes/{reference_of(rows, 'draft')}").get_text()
    assert "Taken, and not put into the minutes" in page_words
    assert "Why it is not in the minutes: The report says it" in page_words
    assert f"{cast.coordinator.name} took it on" in page_words
    assert "and wrote then: “Yes, put right”. The minutes were approved later, without it." in page_words
    assert "Answered by" not in page_words, "an answer that did not come about is none"
    given = chair.get(f"/minutes/{reference_of(rows, 'professional')}/pdf")
    paper = " ".join(open_pdf(given.data).text.split())
    assert "wrote then: “Yes, put right”. The minutes were approved later, without it." in paper
    assert "Answer: Yes" not in paper


def test_a_draft_says_after_approval_that_its_text_stands_and_asks_for_no_correction(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    client_for(cast.coordinator).submit(f"/meetings/{held.meeting.reference}/versions/circulate")
    council, draft = client_for(cast.community_safety), f"/minutes/{reference_of(rows, 'draft')}"
    assert "It can change" in council.soup(draft).get_text()
    asks = council.soup(f"{draft}/correct")
    assert asks.h1
    assert asks.h1.get_text(strip=True).endswith("Ask for a correction")
    approved(client_for(cast.chair), held)
    page = council.soup(draft)
    inset = page.select_one(".govuk-inset-text")
    assert inset
    assert f"by {cast.chair.name}, and their text does not change any more" in inset.get_text()
    assert "It can change" not in page.get_text()
    assert "Ask for a correction" not in page.get_text()
    asks = council.soup(f"{draft}/correct")
    assert f"by {cast.chair.name}, and stand. What you write changes no text" in asks.get_text()
    assert "Ask for" not in asks.get_text()


def test_what_is_written_after_approval_is_said_to_be_a_note(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    client_for(cast.coordinator).submit(f"/meetings/{held.meeting.reference}/versions/circulate")
    council, draft = client_for(cast.community_safety), f"/minutes/{reference_of(rows, 'draft')}"
    council.submit(f"{draft}/correct", data={"text": "It was Monday"})
    assert "What you asked for is on record" in council.soup(draft).get_text()
    chair = client_for(cast.chair)
    chair.submit(f"/meetings/{held.meeting.reference}/versions/approve", data={"leave_open": "y"})
    council.submit(f"{draft}/correct", data={"text": "It was Tuesday"})
    assert "What you wrote is on record as a note beside them" in council.soup(draft).get_text()


def test_the_log_says_who_opened_what_when_and_only_to_those_who_run_the_meeting(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    given(client_for(cast.chair), held)
    minutes = reference_of(rows, "professional")
    council = client_for(cast.community_safety)
    council.get(f"/minutes/{minutes}")
    council.get(f"/minutes/{minutes}")
    copy = fresh(rows).query(MinutesCopy).filter_by(invitation_id=held.council.id).one()
    assert copy.opened_by == cast.community_safety.id
    firsts = [one.details["first"] for one in rows.query(AuditEvent).filter_by(action="minutes:open")]
    assert sorted(firsts) == [False, True]
    place = f"/meetings/{held.meeting.reference}/versions"
    log = client_for(cast.coordinator).soup(place)
    assert "Cam Safety" in log.get_text()
    assert "Not opened" in log.get_text()
    assert client_for(cast.officer).soup(place).select_one("#log") is None


@pytest.mark.parametrize("number", [1, 2**128 - 1], ids=["own reach ends first", "own reach ends last"])
def test_a_chair_who_reads_the_case_by_the_meeting_alone_gives_the_minutes_out(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded, number: int
) -> None:
    own = rows.scalars(select(AccessGrant).filter_by(user_id=cast.chair.id)).one()
    others = rows.scalars(select(AccessGrant).where(AccessGrant.user_id != cast.chair.id)).all()
    assert others, "the note-taker reads it by the meeting too"
    rows.execute(update(AccessGrant).where(AccessGrant.id == own.id).values(id=UUID(int=number)))
    rows.get_one(Case, held.case.id).sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    chair = client_for(cast.chair)
    approved(chair, held)
    place = f"/meetings/{held.meeting.reference}/versions/distribute"
    assert chair.submit(place, data={"to": [str(held.council.id)]}).status_code == 303
    assert fresh(rows).get_one(Meeting, held.meeting.id).state == MeetingState.DISTRIBUTED
    assert all(one.ends_at for one in rows.scalars(select(AccessGrant)))
    child = rows.get_one(Child, held.case.child_id)
    after = client_for(cast.chair).get(f"/cases/{held.case.reference}").text
    assert child.family_name not in after, "the chair sees at most that it exists"


def test_a_button_that_is_pressed_twice_distributes_once_and_says_no_wrong(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    chair = client_for(cast.chair)
    given(chair, held)
    again = chair.submit(
        f"/meetings/{held.meeting.reference}/versions/distribute", data={"to": [str(held.council.id)]}
    )
    assert (again.status_code, again.location) == (303, "/minutes")
    assert fresh(rows).query(MinutesCopy).filter_by(invitation_id=held.council.id).count() == 1


def test_one_finds_ones_own_minutes_and_nobody_elses(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    given(client_for(cast.chair), held)
    minutes = reference_of(rows, "professional")
    assert minutes in client_for(cast.community_safety).soup("/minutes").get_text()
    for person in (cast.stranger, cast.officer, cast.neighbour):
        listed = client_for(person).soup("/minutes").get_text()
        assert (minutes in listed) is (person is cast.officer), person.name


def test_a_draft_says_that_a_later_version_takes_its_place(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    client_for(cast.coordinator).submit(f"/meetings/{held.meeting.reference}/versions/circulate")
    draft = reference_of(rows, "draft")
    given(client_for(cast.chair), held)
    council = client_for(cast.community_safety)
    page = council.soup(f"/minutes/{draft}")
    assert page.select_one(f"a[href='/minutes/{reference_of(rows, 'professional')}']")
    assert draft not in council.soup("/minutes").get_text()


def test_the_family_version_is_chosen_previewed_confirmed_made_printed_and_handed_over(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    chair = client_for(cast.chair)
    place = f"/meetings/{held.meeting.reference}/family/{held.case.reference}"
    form = chair.soup(place)
    assert not form.select("input[name=passages][checked]"), "nothing is ticked to begin with"
    box = form.select("input[name=passages][value$=':1']")[0]
    assert chair.submit(place, data={"passages": [box["value"]]}).status_code == 303
    preview = chair.soup(f"{place}/preview")
    article = preview.select_one(".app-family")
    assert article is not None
    assert AUNT in article.get_text()
    assert SAID not in article.get_text()
    (waits,) = preview.select("input[name=passages]")
    assert chair.submit(f"{place}/preview", data={"action": "confirm"}).status_code == 422
    sent = chair.submit(f"{place}/preview", data={"action": "confirm", "passages": [waits["value"]]})
    assert sent.status_code == 303
    approved(chair, held)
    made = chair.submit(f"{place}/preview", data={"action": "make"})
    family = reference_of(rows, "family_safe")
    assert made.location.endswith(family)
    printed = chair.soup(f"/minutes/{family}/print")
    words = printed.select_one(".app-family")
    assert words is not None
    assert AUNT in words.get_text()
    for private in (SAID, DECIDED, CLOSED, cast.chair.name, "Quillcarrow", held.meeting.reference):
        assert private not in words.get_text()
    hand = f"/meetings/{held.meeting.reference}/hand-out?issue={family}"
    assert chair.soup(hand).select_one(f"input[name=issue][value={family}][checked]")
    colleague = client_for(cast.officer).soup(f"/minutes/{family}")
    assert not colleague.select("a[href*='hand-out']"), "who does not run the meeting puts nothing on record"
    answer = chair.submit(
        hand,
        data={"to": str(held.day.carer.id), "issue": family, "way": "in_person", **today()},
    )
    assert answer.status_code == 303
    handout = fresh(rows).query(MeetingHandout).one()
    assert handout.issue_id == rows.query(MinutesIssue).filter_by(kind="family_safe").one().id


def test_the_chair_finds_what_the_note_taker_chose_and_nobody_else_is_asked(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    place = f"/meetings/{held.meeting.reference}/family/{held.case.reference}"
    writer, chair = client_for(cast.coordinator), client_for(cast.chair)
    box = writer.soup(place).select("input[name=passages][value$=':1']")[0]["value"]

    def asked(person: User) -> bool:
        own = client_for(person)
        return bool(own.soup(own.get("/home").location).select(f"a[href='{place}/preview']"))

    def waits(client: Client) -> str:
        found = client.soup(f"/meetings/{held.meeting.reference}").select_one("#family-waits")
        return " ".join(found.get_text().split()) if found else ""

    assert not waits(chair)
    writer.submit(place, data={"passages": [box]})
    assert asked(cast.chair)
    assert not any(asked(one) for one in (cast.coordinator, cast.nurse, cast.social_worker))
    assert waits(chair).endswith("not confirmed: 1. Read and confirm them")
    assert waits(writer).endswith("not confirmed: 1. Where they stand")
    minute = rows.get_one(Minute, held.minute.id)
    minute.text = (was := minute.text).replace("aunt", "uncle")
    rows.commit()
    listed = f"/meetings/{held.meeting.reference}/versions"
    assert not asked(cast.chair), "it was changed since, and nobody can confirm it"
    assert not waits(chair)
    assert "that the chair has not confirmed" not in writer.soup(listed).get_text()
    minute.text = was
    rows.commit()
    assert asked(cast.chair)
    assert "that the chair has not confirmed: 1" in writer.soup(listed).get_text()
    ticked = chair.soup(f"{place}/preview").select("input[name=passages]")[0]["value"]
    chair.submit(f"{place}/preview", data={"action": "confirm", "passages": [ticked]})
    assert not asked(cast.chair)
    assert not waits(chair)


def today() -> dict[str, str]:
    return dict(posted("on", clock.today()))


def test_an_alert_that_comes_later_bars_the_page_and_the_print_and_says_so(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    chair = client_for(cast.chair)
    place = f"/meetings/{held.meeting.reference}/family/{held.case.reference}"
    box = chair.soup(place).select("input[name=passages][value$=':1']")[0]["value"]
    chair.submit(place, data={"passages": [box]})
    waits = chair.soup(f"{place}/preview").select("input[name=passages]")[0]["value"]
    chair.submit(f"{place}/preview", data={"action": "confirm", "passages": [waits]})
    approved(chair, held)
    chair.submit(f"{place}/preview", data={"action": "make"})
    family = reference_of(rows, "family_safe")
    add_alert(rows, held.case, cast.social_worker)
    for address in (f"/minutes/{family}", f"/minutes/{family}/print"):
        answer = chair.get(address)
        assert answer.status_code == 422
        assert AUNT not in answer.text
        assert "nothing is handed" in answer.text
    preview = chair.soup(f"{place}/preview")
    assert "nothing is handed" in preview.get_text()
    assert not preview.select("button[value=make], button[value=confirm]")


def test_a_chair_of_another_meeting_and_a_colleague_get_none_of_the_steps(
    client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    steps = [f"versions/{one}" for one in ("circulate", "approve", "distribute")]
    steps += [f"family/{held.case.reference}", f"family/{held.case.reference}/preview"]
    for step in steps:
        place = f"/meetings/{held.meeting.reference}/{step}"
        assert client_for(cast.officer).get(place).status_code == 403, step
        assert client_for(cast.stranger).get(place).status_code == 404, step
        assert client_for(cast.community_safety).get(place).status_code == 403, step


def test_the_link_of_a_message_leads_whom_it_is_for_to_their_minutes_and_after_reach_to_nothing(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    given(client_for(cast.chair), held)
    minutes = reference_of(rows, "professional")
    told = rows.query(OutboxMessage).filter_by(kind="minutes_given", recipient_id=cast.community_safety.id)
    link = f"/go/{told.one().id}"
    council = client_for(cast.community_safety)
    assert council.get(link).location == f"/minutes/{minutes}"
    assert client_for(cast.stranger).get(link).status_code == 404
    for copy in fresh(rows).query(MinutesCopy):
        copy.reach_until = clock.now()
    rows.get_one(type(held.meeting), held.meeting.id).reach_until = clock.now()
    rows.commit()
    assert (council.get(link).location or "").find(minutes) == -1
    assert held.case.reference not in council.get("/messages").text
