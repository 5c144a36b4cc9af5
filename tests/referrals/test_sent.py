"""What was sent, as the sender and their manager see it, and the talk with the hub."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.model import new_id
from portal.queries import listing
from portal.records.people.model import Team, User
from portal.records.referrals.model import Feedback, ReferralMessage, ReferralSource
from portal.records.referrals.vocabulary import Channel
from portal.vocabulary import ReferralState
from tests.cast import Cast
from tests.client import Client
from tests.factories.referrals import add_message, make_draft, make_sent_referral
from tests.referrals.steps import share, truth

ClientFor = Callable[[User | None], Client]

#: Context, session, principal, touch and audit, and at most eight beside them.
MOST_STATEMENTS = 8 + 5


def test_mine_and_my_teams(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    mine = make_sent_referral(rows, cast.officer).reference
    colleagues = make_sent_referral(rows, cast.colleague).reference
    neighbours = make_sent_referral(rows, cast.neighbour).reference
    officer = client_for(cast.officer).get("/sent").text
    assert mine in officer
    assert colleagues not in officer
    assert colleagues not in client_for(cast.officer).get("/sent?of=team").text
    team = client_for(cast.police_manager).get("/sent?of=team").text
    assert mine in team
    assert colleagues in team
    assert neighbours not in team


def test_what_is_new_from_the_hub_is_marked_until_it_was_read(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    referral = make_sent_referral(rows, cast.officer, received_at=clock.now() - timedelta(days=1))
    client = client_for(cast.officer)
    assert "Nothing new" in client.get("/sent").text
    add_message(rows, referral, cast.coordinator)
    rows.add(
        Feedback(
            id=new_id(),
            referral_id=referral.id,
            author_id=cast.coordinator.id,
            text="A case was opened",
            given_at=clock.now(),
        )
    )
    rows.commit()
    listed = client.get("/sent").text
    assert "New message" in listed
    assert "New feedback" in listed
    assert "A case was opened" in client.get(f"/sent/{referral.reference}").text
    assert "Nothing new" in client.get("/sent").text


def test_what_the_hub_told_before_it_took_its_decision_back_is_called_so(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    referral = make_sent_referral(rows, cast.officer, state=ReferralState.FED_BACK)
    client, address = client_for(cast.officer), f"/sent/{referral.reference}"

    def told(text: str) -> None:
        given = Feedback(id=new_id(), author_id=cast.coordinator.id, text=text, given_at=clock.now())
        given.referral_id = referral.id
        rows.add(given)
        for state in (
            ()
            if referral.state == ReferralState.FED_BACK
            else (ReferralState.DECIDED, ReferralState.FED_BACK)
        ):
            referral.state = state
            rows.flush()
        rows.commit()

    told("Quilladvice")
    stands = client.soup(address).get_text()
    assert "What the hub decided" in stands
    assert "took" not in stands
    referral.state = ReferralState.IN_TRIAGE
    rows.commit()
    again = client.soup(address).get_text()
    assert "What the hub told you before" in again
    assert "The hub took its decision back and decides again" in again
    assert "Quilladvice" in again
    told("Quillcase")
    anew = client.soup(address).get_text()
    assert "What the hub decided" in anew
    assert anew.index("Quillcase") < anew.index("took this back") < anew.index("Quilladvice")


def test_a_managers_look_does_not_make_it_read_for_the_sender(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    referral = make_sent_referral(rows, cast.officer, received_at=clock.now() - timedelta(days=1))
    add_message(rows, referral, cast.coordinator)
    client_for(cast.police_manager).get(f"/sent/{referral.reference}")
    assert "New message" in client_for(cast.officer).get("/sent").text


def test_an_answer_brings_a_waiting_form_back_to_the_hub(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    referral = make_sent_referral(rows, cast.officer, state=ReferralState.WAITING_FOR_SENDER)
    add_message(rows, referral, cast.coordinator, "Which school?")
    client = client_for(cast.officer)
    for address in ("/sent", f"/sent/{referral.reference}"):
        assert "Waiting for your answer" in client.soup(address).get_text()
    assert "Waiting for the sender" in client_for(cast.police_manager).soup("/sent?of=team").get_text()
    answer = client.submit(f"/sent/{referral.reference}/reply", {"text": "Hilltop"})
    assert answer.status_code == 303
    assert truth(rows, referral.reference).state == ReferralState.IN_TRIAGE
    page = client.get(f"/sent/{referral.reference}").text
    assert page.index("Which school?") < page.index("Hilltop")


def test_an_answer_sent_twice_arrives_once(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.officer)
    reference = share(client)
    for _ in range(2):
        assert client.submit(f"/sent/{reference}/reply", {"text": "One more thing"}).status_code == 303
    assert len(rows.scalars(select(ReferralMessage)).all()) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [("  ", "Write your message"), ("x" * 5_001, "Write to the hub: shorten your answer by 1 character")],
)
def test_a_message_that_cannot_be_sent_says_why_and_keeps_the_words(
    rows: Session, cast: Cast, client_for: ClientFor, text: str, message: str
) -> None:
    client = client_for(cast.officer)
    reference = share(client)
    answer = client.submit(f"/sent/{reference}/reply", {"text": text})
    assert answer.status_code == 422
    assert message in answer.text
    assert text.strip() in answer.text
    assert not rows.scalars(select(ReferralMessage)).all()


def test_the_list_goes_on_page_by_page(
    rows: Session, cast: Cast, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing.find, "__kwdefaults__", {"limit": 2})
    made = [
        make_sent_referral(rows, cast.officer, received_at=clock.now() - timedelta(hours=hours)).reference
        for hours in range(5)
    ]
    client, address, found = client_for(cast.officer), "/sent", []
    while address:
        page = client.soup(address)
        found += [link.get_text() for link in page.select("tbody th a")]
        following = page.find("a", rel="next")
        address = str(following["href"]) if following else ""
    assert found == made


def test_what_was_sent_is_filtered_and_sorted_by_whoever_sent_it(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    day = timedelta(days=1)
    asked = make_sent_referral(
        rows, cast.officer, state=ReferralState.WAITING_FOR_SENDER, received_at=clock.now() - day
    )
    decided = make_sent_referral(
        rows, cast.officer, state=ReferralState.DECIDED, received_at=clock.now() - 2 * day
    )
    others = make_sent_referral(rows, cast.colleague, received_at=clock.now() - 3 * day)
    make_sent_referral(rows, cast.neighbour)
    add_message(rows, asked, cast.coordinator)
    officer, manager = client_for(cast.officer), client_for(cast.police_manager)

    def listed(client: Client, query: str) -> list[str]:
        return [one.get_text() for one in client.soup(f"/sent?{query}").select("tbody th a")]

    mine = [asked.reference, decided.reference]
    assert listed(officer, "") == mine
    assert listed(officer, "sort=-sent") == mine[::-1]
    assert listed(officer, "state=decided") == mine[1:]
    assert listed(officer, "new=message") == mine[:1]
    assert "Nothing fits these filters" in officer.soup("/sent?new=feedback").get_text()
    assert listed(client_for(cast.colleague), "state=decided") == []
    assert listed(manager, "of=team") == [*mine, others.reference]
    by_name = manager.soup("/sent?of=team&sort=author")
    names = [one.get_text() for one in by_name.select("td[data-label='Sent by']")]
    assert names == sorted(names, key=str.lower)
    (head,) = by_name.select("th[aria-sort]")
    assert (head.get_text(), head["aria-sort"]) == ("Sent by", "ascending")
    tabs = [" ".join(one.get_text(" ").split()) for one in officer.soup("/sent").select("nav a")]
    assert "Waiting for your answer 1" in tabs
    empty = client_for(cast.teacher).soup("/sent?of=team").select(".app-empty")
    assert [one.get("href") for one in empty[0].select("a")] == ["/share"]


@pytest.mark.parametrize(
    "after", ["x", "2026-01-01", "2026-01-01T00:00:00_x", "2026-01-01T00:00:00+00:00_", "_"]
)
def test_an_odd_place_to_begin_is_refused_in_words(cast: Cast, client_for: ClientFor, after: str) -> None:
    answer = client_for(cast.officer).get("/sent", query_string={"after": after})
    assert answer.status_code == 400
    assert "Open the list from its beginning" in answer.text


def test_when_the_hub_looks_follows_its_hours(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    """Sunday night: green waits for working days, red is looked at before the hub opens."""
    sunday = clock.now().replace(year=2026, month=11, day=22, hour=22, minute=0, second=0, microsecond=0)
    green = make_sent_referral(
        rows, cast.officer, received_at=sunday, due_at=sunday + timedelta(days=3, hours=2)
    )
    red = make_sent_referral(rows, cast.officer, received_at=sunday, due_at=sunday + timedelta(hours=4))
    with time_machine.travel(sunday + timedelta(minutes=1), tick=False):
        client = client_for(cast.officer)
        page = client.get(f"/sent/{green.reference}/acknowledgement").text
        assert "opens next on <strong>23 November 2026 at 8:00am</strong>" in page
        assert "before then" not in page
        page = client.get(f"/sent/{red.reference}/acknowledgement").text
        assert "before then, by <strong>23 November 2026 at 2:00am</strong>" in page


def test_it_says_who_answers_while_the_hub_is_closed_or_that_nobody_looks_and_whom_to_ring(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    sunday = clock.now().replace(year=2026, month=11, day=22, hour=22, minute=0, second=0, microsecond=0)
    due = sunday + timedelta(days=3)
    form = make_sent_referral(rows, cast.officer, received_at=sunday, due_at=due, district="derby")
    address = f"/sent/{form.reference}/acknowledgement"

    def words(client: Client) -> str:
        return " ".join(client.soup(address).get_text(" ").split())

    with time_machine.travel(sunday + timedelta(minutes=1), tick=False):
        client = client_for(cast.officer)
        alone = words(client)
        assert "The hub names nobody who looks while it is closed" in alone
        ring = "ring Derby social care, evenings, nights and weekends, 01632 960112"
        assert f"{ring} (an example, not given yet), or 999" in alone
        assert "01632 960111" not in alone
        team = rows.get_one(Team, cast.hub_team.id)
        team.answers_at_night, team.duty_phone = True, "01632 960888"
        rows.commit()
        named = words(client)
        assert f"While the hub is closed {team.name} , 01632 960888 , answers for it" in named
        assert "names nobody" not in named
    with time_machine.travel(sunday + timedelta(hours=14), tick=False):
        client = client_for(cast.police_manager)
        assert "The hub is at work now" in words(client)
        assert "While the hub is closed" not in words(client)


def test_the_acknowledgement_says_when_the_hub_is_late_and_when_it_has_begun(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    due = clock.now() - timedelta(hours=1)
    referral = make_sent_referral(rows, cast.officer, received_at=due - timedelta(hours=4), due_at=due)
    client, address = client_for(cast.officer), f"/sent/{referral.reference}/acknowledgement"
    late = " ".join(client.soup(address).get_text(" ").split())
    assert "The hub should have looked at this by" in late
    assert "and has not yet" in late
    assert "is to look at this" not in late
    referral.state = ReferralState.IN_TRIAGE
    rows.commit()
    begun = " ".join(client.soup(address).get_text(" ").split())
    assert "The hub has begun to look at this" in begun
    assert "should have looked" not in begun


@time_machine.travel(datetime(2027, 11, 24, 10, 0, tzinfo=UTC), tick=False)  # offices are open
def test_the_numbers_are_those_of_the_district(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.officer)
    derby = make_sent_referral(rows, cast.officer, district="derby").reference
    unknown = make_sent_referral(rows, cast.officer).reference
    page = client.get(f"/sent/{derby}/acknowledgement").text
    assert "Derby children’s social care" in page
    assert "Derbyshire children’s social care" not in page
    page = client.get(f"/sent/{unknown}/acknowledgement").text
    assert "Derby children’s social care" in page
    assert "Derbyshire children’s social care" in page


def test_a_longer_list_costs_no_more_statements(
    app: Flask, rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    client = client_for(cast.officer)
    make_sent_referral(rows, cast.officer)
    client.get("/sent")
    with app.app_context():
        engine = db.engine
    counts = []
    for more in (0, 11):
        for _ in range(more):
            make_sent_referral(rows, cast.officer)
        asked: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_: object, asked: list[str] = asked) -> None:
            asked.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        client.get("/sent")
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[1] <= MOST_STATEMENTS


@pytest.mark.parametrize(
    ("now", "closed"),
    [(datetime(2026, 11, 29, 14, tzinfo=UTC), True), (datetime(2026, 11, 30, 11, tzinfo=UTC), False)],
)
def test_whoever_writes_while_the_hub_is_closed_reads_until_when_and_whom_to_ring(
    rows: Session, cast: Cast, client_for: ClientFor, now: datetime, closed: bool
) -> None:
    with time_machine.travel(now, tick=False):
        referral = make_sent_referral(rows, cast.officer)
        client = client_for(cast.officer)
        answer = client.submit(f"/sent/{referral.reference}/reply", {"text": "Tonight"})
        words = " ".join(client.soup(answer.location).get_text(" ").split())
    assert "Your message was sent to the hub" in words
    assert ("which is closed until 30 November 2026 at" in words) is closed
    assert ("If it cannot wait, ring 01632 960112" in words) is closed


def test_who_told_is_left_out_when_the_senders_own_page_is_printed(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    sent = make_sent_referral(rows, cast.officer, source="A neighbour")
    draft = make_draft(rows, cast.officer)
    rows.add(ReferralSource(referral_id=draft.id, text="A neighbour"))
    rows.commit()
    for place in (f"/sent/{sent.reference}", f"/share/{draft.reference}/check"):
        page = client_for(cast.officer).soup(place)
        boxes = [one for one in page.select("main section") if "A neighbour" in one.get_text()]
        assert len(boxes) == 1, place
        assert "app-no-print" in boxes[0]["class"], place


@pytest.mark.parametrize(("channel", "looks"), [(Channel.PORTAL, True), (Channel.PHONE, False)])
def test_whoever_told_the_hub_without_an_account_is_sent_to_no_page_of_the_portal(
    client_for: ClientFor, rows: Session, cast: Cast, channel: Channel, *, looks: bool
) -> None:
    form = make_sent_referral(rows, cast.coordinator, channel=channel)
    page = client_for(cast.coordinator).get(f"/sent/{form.reference}/acknowledgement").text
    assert "who may ask you about it." in page
    assert ("Look under “What we sent”" in page) is looks
