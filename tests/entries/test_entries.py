"""Adding what one's agency knows: handling, drafts, corrections."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.deadlines.model import Deadline
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.records.cases.model import Case, ChronologyEntry, EntryDraft
from portal.records.disclosures.model import Disclosure, DisclosureChild
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.people.model import User
from portal.vocabulary import Sensitivity, TriageColour
from portal.web import date_boxes
from portal.web.filters import day, due
from tests.access.test_reach import Asking
from tests.cases.pages import attribute, with_entries, words
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.cases import add_entry, make_case, make_child
from tests.reminders.travel import away, suspend


def typed(**changes: Any) -> dict[str, Any]:
    """A complete answer to the form."""
    return {
        "kind": "information",
        **date_boxes.posted("happened_on", clock.today() - timedelta(days=3)),
        "text": "Seen with two adults at the bus station.",
        "handling": Handling.NETWORK,
        "family_safe": FamilySafe.ASK,
        **changes,
    }


def test_what_one_knows_is_added_and_shown(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.nurse)
    response = client.submit(f"/cases/{case.reference}/entries/new", typed())
    assert response.status_code == 303
    entry = rows.scalars(select(ChronologyEntry)).one()
    assert (entry.author_id, entry.agency_id, entry.handling) == (cast.nurse.id, cast.health.id, "network")
    assert entry.happened_at.date() == clock.today() - timedelta(days=3)
    page = with_entries(client, case.reference).get_text(" ", strip=True)
    assert "Seen with two adults" in page
    assert "Child or family: ask me first" in page
    event = rows.scalars(select(AuditEvent).where(AuditEvent.action == "entry:add")).one()
    assert (event.actor_id, event.case_id) == (cast.nurse.id, case.id)


def test_a_form_that_is_sent_twice_adds_one_entry(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.nurse)
    for _ in range(2):
        assert client.submit(f"/cases/{case.reference}/entries/new", typed()).status_code == 303
    assert len(rows.scalars(select(ChronologyEntry)).all()) == 1


def test_an_entry_for_named_agencies_lists_them(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, asking: Asking
) -> None:
    client_for(cast.nurse).submit(
        f"/cases/{case.reference}/entries/new",
        typed(handling=Handling.AGENCIES, agencies=[str(cast.social_care.id)]),
    )
    for person, sees in ((cast.nurse, 1), (cast.social_worker, 1), (cast.officer, 0), (cast.coordinator, 0)):
        with asking(person) as session:
            assert session.scalar(select(func.count()).select_from(ChronologyEntry)) == sees, person.name


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"text": " "}, "Write what your agency knows"),
        ({"kind": ""}, "Choose what kind it is"),
        ({"handling": ""}, "Choose who may read it"),
        ({"handling": Handling.AGENCIES}, "Choose the agencies that may read it"),
        ({"family_safe": ""}, "Choose whether it may be shared"),
        (date_boxes.posted("happened_on", date(2099, 1, 1)), "or earlier"),
        (date_boxes.posted("happened_on", date(2001, 1, 1)), "This is before the child was born"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, changes: dict[str, Any], problem: str
) -> None:
    response = client_for(cast.nurse).submit(f"/cases/{case.reference}/entries/new", typed(**changes))
    assert response.status_code == 422
    assert problem in response.text
    if "text" not in changes:
        assert "Seen with two adults" in response.text
    assert not rows.scalars(select(ChronologyEntry)).all()


def test_an_agency_that_does_not_work_on_the_case_cannot_be_listed(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    response = client_for(cast.nurse).submit(
        f"/cases/{case.reference}/entries/new",
        typed(handling=Handling.AGENCIES, agencies=[str(cast.other_council.id)]),
    )
    assert response.status_code == 422
    assert not rows.scalars(select(ChronologyEntry)).all()


def test_a_critical_moment_is_marked(rows: Session, cast: Cast, case: Case, client_for: ClientFor) -> None:
    client = client_for(cast.officer)
    client.submit(
        f"/cases/{case.reference}/entries/new", typed(moment="arrest", critical_moment="Arrested in Leeds")
    )
    page = with_entries(client, case.reference)
    marked = words(page, ".app-entry--critical")
    assert "Critical moment" in marked
    assert "Arrested in Leeds" in marked


def test_the_page_after_a_critical_moment_names_who_is_asked_to_look_again_and_when(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    rows.get_one(Case, case.id).lead_professional_id = cast.social_worker.id
    rows.commit()
    place, said = f"/cases/{case.reference}/entries/new", typed(moment="arrest", critical_moment="Arrested")
    officer = client_for(cast.officer)
    page = officer.submit(place, said, follow_redirects=True).get_data(as_text=True)
    duty = rows.scalars(select(Deadline).filter_by(kind="moment_review")).one()
    assert duty.owner_id == cast.social_worker.id
    assert (
        f"What you know was added to the case. {cast.social_worker.name} is asked to look at the risk"
        f" assessment again, by {due(duty.due_at)}. The e-mail that asks for it goes out "
    ) in page
    page = officer.submit(place, typed(text="Seen at home"), follow_redirects=True).get_data(as_text=True)
    assert "is asked to look at the risk assessment again" not in page
    own = client_for(cast.social_worker).submit(place, said | {"text": "Again"}, follow_redirects=True)
    assert "Look at the risk assessment again by" in own.get_data(as_text=True)


GOES_ON = "the e-mail goes to whoever stands in, and where nobody can, the hub is told so. It goes out "


@pytest.mark.parametrize(
    ("why", "by", "said"),
    [
        ("away", "officer", f"is away, and nobody covers the case: {GOES_ON}"),
        ("away", "social_care_manager", f"is away until {{last}}, and nobody covers the case: {GOES_ON}"),
        ("covered", "officer", "is away: the e-mail goes to {deputy}, who covers the case. It goes out "),
        ("deputy gone", "officer", f"is away, and nobody covers the case: {GOES_ON}"),
        ("no address", "officer", f"cannot be reached by e-mail: {GOES_ON}"),
    ],
)
def test_of_a_lead_who_cannot_be_told_the_page_says_why_and_who_gets_it(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, why: str, by: str, said: str
) -> None:
    wanda, deputy, last = cast.social_worker, cast.social_care_manager, clock.today() + timedelta(days=3)
    rows.get_one(Case, case.id).lead_professional_id = wanda.id
    if why == "no address":
        suspend(rows, wanda)
    else:
        first = (clock.today() - timedelta(days=1)).isoformat()
        away(rows, wanda, first, last.isoformat(), cover=None if why == "away" else case, by=deputy)
        rows.get_one(User, deputy.id).active = why != "deputy gone"
    rows.commit()
    form = typed(moment="arrest", critical_moment="Arrested")
    writer = client_for(getattr(cast, by))
    page = writer.submit(f"/cases/{case.reference}/entries/new", form, follow_redirects=True)
    duty = rows.scalars(select(Deadline).filter_by(kind="moment_review")).one()
    words = said.format(last=day(last), deputy=deputy.name)
    has_to = f"{wanda.name} has to look at the risk assessment again by {due(duty.due_at)}, but {words}"
    assert has_to in page.get_data(as_text=True)
    assert "is asked to look" not in page.get_data(as_text=True)


def test_conditions_under_which_one_was_told_are_cited(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    told = Disclosure(
        id=new_id(),
        reference=new_reference(Prefix.DISCLOSURE),
        case_id=case.id,
        giver_id=cast.coordinator.id,
        giver_agency_id=cast.hub.id,
        receiver_agency_id=cast.health.id,
        receiver_team_id=cast.health_team.id,
        decision=SharingDecision.PART,
        purpose="protect_child",
        basis="public_task",
        conditions="Do not tell the family",
        reason="They treat the child",
        colour=TriageColour.AMBER,
        decided_at=clock.now(),
    )
    rows.add(told)
    rows.flush()
    rows.add(DisclosureChild(disclosure_id=told.id, child_id=case.child_id))
    rows.commit()
    client = client_for(cast.nurse)
    assert "Do not tell the family" in client.soup(f"/cases/{case.reference}/entries/new").get_text()
    client.submit(f"/cases/{case.reference}/entries/new", typed(cites=str(told.id)))
    page = with_entries(client_for(cast.officer), case.reference).get_text(" ", strip=True)
    assert "Do not tell the family" in page


@pytest.mark.parametrize("who", ["stranger", "neighbour", "teacher"])
def test_nobody_without_reach_adds_anything(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, who: str
) -> None:
    client = client_for(getattr(cast, who))
    for address in ("entries/new", "entries/draft", "entries/draft/drop"):
        assert client.submit(f"/cases/{case.reference}/{address}", typed()).status_code == 404
    assert client.get(f"/cases/{case.reference}/entries/new").status_code == 404
    assert not rows.scalars(select(ChronologyEntry)).all()
    assert not rows.scalars(select(EntryDraft)).all()


def test_whoever_sees_only_a_notice_is_told_why_they_cannot_add(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    response = client_for(cast.officer).submit(f"/cases/{case.reference}/entries/new", typed())
    assert response.status_code == 403
    assert "not what is in it" in response.text


def test_without_a_form_token_nothing_is_added(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.nurse)
    client.check_pages = False
    assert client.post(f"/cases/{case.reference}/entries/new", data=typed()).status_code == 400
    assert not rows.scalars(select(ChronologyEntry)).all()


# Drafts


def save(client: Any, case: Case, version: int = 0, **changes: Any) -> Any:
    return client.submit(
        f"/cases/{case.reference}/entries/draft",
        typed(version=str(version), **changes),
        headers={"X-Autosave": "1"},
    )


def test_a_draft_saves_itself_and_comes_back(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.nurse)
    saved = save(client, case, text="Half a sen")
    assert (saved.status_code, saved.headers["X-Version"]) == (204, "1")
    assert "Carry on" in client_for(cast.nurse).soup(f"/cases/{case.reference}").get_text()
    page = client_for(cast.nurse).soup(f"/cases/{case.reference}/entries/new")
    assert words(page, "textarea[name=text]") == "Half a sen"
    assert attribute(page, "input[name=version]", "value") == "1"
    assert attribute(page, "input[name=handling][checked]", "value") == "network"
    assert attribute(page, "input[name=happened_on-day]", "value")


def test_a_draft_is_seen_by_its_author_only(
    cast: Cast, case: Case, client_for: ClientFor, asking: Asking
) -> None:
    save(client_for(cast.nurse), case)
    for person, sees in ((cast.nurse, 1), (cast.officer, 0), (cast.coordinator, 0), (cast.stranger, 0)):
        with asking(person) as session:
            assert session.scalar(select(func.count()).select_from(EntryDraft)) == sees, person.name


def test_typing_in_two_places_shows_both(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.nurse)
    save(client, case, text="First")
    assert save(client, case, version=1, text="Second").headers["X-Version"] == "2"
    client.check_pages = False
    clash = save(client, case, version=1, text="Third")
    assert clash.status_code == 409
    assert "Second" in clash.text
    assert "Third" in clash.text
    assert "Who may read it?" not in clash.text, "only what differs is shown"
    assert rows.scalars(select(EntryDraft)).one().answers["text"] == "Second"
    kept = client.submit(
        f"/cases/{case.reference}/entries/draft/keep", typed(text="Third", version="1", keep="2")
    )
    assert kept.status_code == 303
    rows.expire_all()
    assert rows.scalars(select(EntryDraft)).one().answers["text"] == "Third"


def test_a_save_that_is_sent_twice_is_no_clash(cast: Cast, case: Case, client_for: ClientFor) -> None:
    client = client_for(cast.nurse)
    assert save(client, case).headers["X-Version"] == save(client, case).headers["X-Version"] == "1"


def test_a_save_of_someone_signed_out_is_answered_401(cast: Cast, case: Case, client_for: ClientFor) -> None:
    assert save(client_for(None), case).status_code == 401


def test_a_draft_is_gone_once_it_is_added_or_deleted(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.nurse)
    save(client, case)
    client.submit(f"/cases/{case.reference}/entries/new", typed())
    assert not rows.scalars(select(EntryDraft)).all()
    save(client, case)
    client.submit(f"/cases/{case.reference}/entries/draft/drop")
    assert not rows.scalars(select(EntryDraft)).all()


# Corrections


def test_a_correction_is_a_further_entry_and_the_earlier_text_stays(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    entry = add_entry(rows, case, cast.officer, "Seen on Tuesday", handling=Handling.OWN)
    client = client_for(cast.colleague)
    response = client.submit(
        f"/cases/{case.reference}/entries/{entry.id}/correct",
        {"text": "Seen on Wednesday", "reason": "Wrong day"},
    )
    assert response.status_code == 303
    earlier, later = rows.scalars(select(ChronologyEntry).order_by(ChronologyEntry.id)).all()
    assert (earlier.text, later.text) == ("Seen on Tuesday", "Seen on Wednesday")
    assert (later.corrects_id, later.handling) == (earlier.id, Handling.OWN)
    page = with_entries(client, case.reference)
    assert "Earlier text, since corrected" in page.get_text()
    assert "Wrong day" in page.get_text()


def test_a_moment_that_the_portal_wrote_with_an_interview_stays_one_when_its_words_are_corrected(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    words: dict[str, Any] = {"critical_moment": "What a child said", "moment": "return_interview"}
    entry = add_entry(rows, case, cast.officer, "Look again", **words)
    client, address = client_for(cast.officer), f"/cases/{case.reference}/entries/{entry.id}/correct"
    assert not client.soup(address).select("[name=moment]"), "it is offered for nothing that somebody writes"
    assert client.submit(address, {"text": "Look once more", "reason": "x"}).status_code == 303
    corrected = rows.scalars(select(ChronologyEntry).where(ChronologyEntry.corrects_id == entry.id)).one()
    assert (corrected.moment, corrected.critical_moment) == ("return_interview", "What a child said")


def test_only_the_authors_agency_corrects(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    entry = add_entry(rows, case, cast.officer)
    for person in (cast.nurse, cast.coordinator):
        client = client_for(person)
        address = f"/cases/{case.reference}/entries/{entry.id}/correct"
        assert client.get(address).status_code == 403
        response = client.submit(address, {"text": "Other words", "reason": "x"})
        assert response.status_code == 403
        assert "Only the agency that wrote" in response.text


def test_what_was_corrected_is_not_corrected_again(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    entry = add_entry(rows, case, cast.officer)
    address = f"/cases/{case.reference}/entries/{entry.id}/correct"
    client = client_for(cast.officer)
    client.submit(address, {"text": "Better", "reason": "x"})
    again = client.submit(address, {"text": "Best", "reason": "x"})
    assert again.status_code == 422
    assert "corrected already" in again.text


def test_an_entry_of_another_case_or_out_of_reach_is_not_found(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    other = make_case(rows, make_child(rows), lead=cast.police, opened_by=cast.coordinator)
    elsewhere = add_entry(rows, other, cast.officer)
    hidden = add_entry(rows, case, cast.nurse, handling=Handling.OWN)
    client = client_for(cast.officer)
    for entry in (elsewhere, hidden):
        assert client.get(f"/cases/{case.reference}/entries/{entry.id}/correct").status_code == 404
