"""The page after somebody was switched off or moved says what was handed over, what was not, and why."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from portal.messages.model import OutboxMessage
from portal.records.people.model import User
from portal.records.plans.model import Action
from portal.vocabulary import Role
from tests.cast import Cast
from tests.client import Client
from tests.people.test_held_work import CHILD, Load, by_team, lead_of, load, team_form, words

__all__ = ["by_team", "load"]

ClientFor = Callable[[User | UUID | None], Client]


def switches_off(client: Client, load: Load, hand_to: str) -> str:
    address = f"/administration/people/{load.wanda.id}"
    answer = client.submit(f"{address}/switch-off", {"reason": "Left", "hand_to": hand_to})
    assert answer.status_code == 303
    return words(client, address)


def test_what_a_colleague_of_another_team_cannot_take_is_said_with_the_reason_and_the_way_on(
    client_for: ClientFor, rows: Session, cast: Cast, by_team: Load
) -> None:
    manager, to = client_for(cast.social_care_manager), by_team.elsewhere
    page = switches_off(manager, by_team, str(to.id))
    assert lead_of(rows, by_team) == by_team.wanda.id
    assert f"can no longer use the portal. Handed over to {to.name}: 1." in page
    assert rows.get_one(Action, by_team.action.id).owner_id == to.id, "it needs no case"
    reason = f"{to.name} is not in {cast.social_care_team.name}, and would not read the case."
    assert f"Not handed over: 1 of “Cases they lead”. {reason}" in page
    assert "What is still theirs stands on this page, with who hands it over." in page
    link = manager.soup(f"/administration/people/{by_team.wanda.id}").select_one(
        f"a[href='/work/people/{by_team.wanda.id}']"
    )
    assert link is not None
    assert link.text == "See each, and hand it over"


def test_what_was_handed_over_is_counted_and_named_by_nothing_of_a_case(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load
) -> None:
    page = switches_off(client_for(cast.social_care_manager), load, str(load.colleague.id))
    assert lead_of(rows, load) == load.colleague.id
    assert f"Handed over to {load.colleague.name}: 2." in page
    assert "Not handed over: 1 of “Meetings they chair, until the minutes are out”." in page
    for hidden in (CHILD, load.case.reference, load.action.reference):
        assert hidden not in page


def test_whoever_leaves_is_told_nothing_of_what_they_leave_and_is_nobodys_manager_any_more(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load
) -> None:
    """They lead their agency, and manage in it, when they are switched off."""
    load.wanda.roles = [*load.wanda.roles, Role.MANAGER.value]
    cast.social_care.lead_id = load.wanda.id
    rows.commit()
    page = switches_off(client_for(cast.social_care_manager), load, str(load.colleague.id))
    rows.rollback()
    messages = rows.query(OutboxMessage).all()
    assert load.colleague.id in {one.recipient_id for one in messages if one.event == "lead_changed"}
    assert load.wanda.id not in {one.recipient_id for one in messages}
    assert f"Told by e-mail now, and in the portal: {load.wanda.name}" not in page


def test_of_what_is_handed_over_after_somebody_left_their_team_is_told_nothing_that_is_not_so(
    client_for: ClientFor, rows: Session, cast: Cast, by_team: Load
) -> None:
    manager, colleague = client_for(cast.social_care_manager), by_team.colleague
    switches_off(client_for(cast.administrator), by_team, "later")
    before = {one.id for one in rows.query(OutboxMessage)}
    address = f"/work/people/{by_team.wanda.id}"
    each = [str(one["value"]) for one in manager.soup(address).select("input[name=items]")]
    said = {"items": each, "hand_to": str(colleague.id), "reason": "She left"}
    assert manager.submit(address, said).status_code == 303
    assert lead_of(rows, by_team) == colleague.id
    sent = [one for one in rows.query(OutboxMessage) if one.id not in before]
    assert (colleague.id, "lead_given") in {(one.recipient_id, one.kind) for one in sent}
    assert by_team.wanda.id not in {one.recipient_id for one in sent}, "the duty address would get it"
    assert "shared" not in {one.kind for one in sent if one.recipient_team_id}, "the team leads it as before"


def test_an_administrator_is_told_that_it_is_left_and_who_hands_it_over(
    client_for: ClientFor, cast: Cast, load: Load
) -> None:
    page = switches_off(client_for(cast.administrator), load, "later")
    assert "What is still theirs stands on this page, with who hands it over." in page
    assert f"A manager of {cast.social_care.name}, or a coordinator, hands it over." in page
    assert "anded over to" not in page


def test_whoever_holds_nothing_leaves_nothing_on_the_page(
    client_for: ClientFor, cast: Cast, load: Load
) -> None:
    manager, address = client_for(cast.social_care_manager), f"/administration/people/{load.elsewhere.id}"
    assert manager.submit(f"{address}/switch-off", {"reason": "Left"}).status_code == 303
    page = words(manager, address)
    assert "can no longer use the portal." in page
    assert "still theirs" not in page


def test_moving_somebody_to_another_team_says_it_too(
    client_for: ClientFor, rows: Session, cast: Cast, by_team: Load
) -> None:
    manager, address = client_for(cast.social_care_manager), f"/administration/people/{by_team.wanda.id}"
    rows.delete(rows.get_one(Action, by_team.action.id))
    rows.commit()
    form = team_form(rows, by_team.wanda, by_team.other_team, hand_to=str(by_team.elsewhere.id))
    assert manager.submit(f"{address}/details", form).status_code == 303
    page = words(manager, address)
    assert f"Saved. Handed over to {by_team.elsewhere.name}: nothing." in page
    assert "Not handed over: 1 of “Cases they lead”." in page


def test_what_nobody_took_over_says_on_every_page_that_whoever_has_it_has_left(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load
) -> None:
    left = f"{load.wanda.name} (has left)"
    manager, colleague = client_for(cast.social_care_manager), client_for(load.colleague)
    case = f"/cases/{load.case.reference}"
    load.wanda.phone = "01632 960132"
    rows.commit()
    pages = (case, "/cases", f"{case}/due-dates", f"{case}/manage")
    assert load.wanda.phone in words(colleague, case)
    assert not [page for page in pages if left in words(colleague, page)]
    line = next(row for row in _carried(manager) if load.wanda.name in row)
    assert "Has left" not in line
    switches_off(client_for(cast.administrator), load, "later")
    assert not [page for page in pages if left not in words(colleague, page)]
    assert load.wanda.phone not in words(colleague, case), "nobody answers there for the case any more"
    first = _carried(manager)[0]
    assert load.wanda.name in first
    assert "Has left: hand it over" in first
    assert "1 left, with work in their name" in words(manager, "/work/team")
    assert load.wanda.name not in words(client_for(cast.police_manager), "/work/team")


def _carried(manager: Client) -> list[str]:
    """Who carries what, a line each."""
    rows = manager.soup("/work/team").select("[aria-labelledby=people] tbody tr")
    return [" ".join(row.get_text(" ").split()) for row in rows]
