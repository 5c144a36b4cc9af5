"""Whoever has no business with a form finds nothing there, by whatever way they come."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.vocabulary import ReferralState
from tests.cast import Cast
from tests.client import Client
from tests.referrals.steps import FULL, autosave, begin, fill, share, truth

ClientFor = Callable[[User | None], Client]

OF_A_DRAFT = (
    *("/share/{}/happened", "/share/{}/source", "/share/{}/check", "/share/{}/ring", "/share/{}/discard"),
    *("/sent/{}", "/sent/{}/print", "/sent/{}/acknowledgement"),
)
OF_WHAT_WAS_SENT = (
    "/sent/{}",
    "/sent/{}/print",
    "/sent/{}/acknowledgement",
    "/share/{}/happened",
    "/share/{}/check",
)
OTHERS = ("colleague", "neighbour", "stranger", "social_worker", "nurse", "social_care_manager", "chair")
HX = {"HX-Request": "true", "HX-Target": "main#main-content"}


@pytest.fixture
def draft(cast: Cast, client_for: ClientFor) -> str:
    client = client_for(cast.officer)
    reference = begin(client)
    fill(client, reference, FULL)
    return reference


@pytest.fixture
def sent(cast: Cast, client_for: ClientFor) -> str:
    return share(client_for(cast.officer), FULL)


@pytest.mark.parametrize("who", [*OTHERS, "police_manager", "coordinator"])
def test_a_draft_is_nothing_to_anybody_else(cast: Cast, client_for: ClientFor, draft: str, who: str) -> None:
    client = client_for(getattr(cast, who))
    for address in OF_A_DRAFT:
        for headers in ({}, HX):
            answer = client.get(address.format(draft), headers=headers)
            assert answer.status_code == 404, f"{who} got {answer.status_code} at {address}"
            assert "Fictional" not in answer.text
    assert autosave(client, draft, "happened", {"what_happened": "x"}).status_code == 404
    for address in ("/share/{}/happened", "/share/{}/send", "/share/{}/discard", "/sent/{}/reply"):
        assert client.submit(address.format(draft), {"text": "x"}).status_code == 404


@pytest.mark.parametrize("who", OTHERS)
def test_what_was_sent_is_nothing_to_anybody_else(
    cast: Cast, client_for: ClientFor, sent: str, who: str
) -> None:
    client = client_for(getattr(cast, who))
    for address in OF_WHAT_WAS_SENT:
        for headers in ({}, HX):
            answer = client.get(address.format(sent), headers=headers)
            assert answer.status_code == 404, f"{who} got {answer.status_code} at {address}"
    assert client.submit(f"/sent/{sent}/reply", {"text": "x"}).status_code == 404
    for of in ("mine", "team"):
        assert sent not in client.get(f"/sent?of={of}").text


def test_a_guessed_reference_and_a_real_one_get_the_same_answer(
    cast: Cast, client_for: ClientFor, sent: str
) -> None:
    client = client_for(cast.stranger)
    client.check_pages = False
    real, guessed = (client.get(f"/sent/{one}") for one in (sent, "REF-0000-0000"))
    assert real.status_code == guessed.status_code == 404
    assert len(real.data) == len(guessed.data)


@pytest.mark.parametrize("who", ["governance", "administrator"])
def test_whoever_stands_apart_is_told_that_it_is_not_for_them(
    cast: Cast, client_for: ClientFor, sent: str, who: str
) -> None:
    client = client_for(getattr(cast, who))
    for address in ("/share", "/sent", f"/sent/{sent}", f"/sent/{sent}/print", f"/share/{sent}/happened"):
        assert client.get(address).status_code == 403, address


def test_whoever_is_not_signed_in_is_sent_to_sign_in(client_for: ClientFor, sent: str) -> None:
    client = client_for(None)
    for address in (
        "/share",
        "/sent",
        f"/sent/{sent}",
        f"/sent/{sent}/acknowledgement",
        f"/share/{sent}/check",
    ):
        answer = client.get(address)
        assert answer.status_code == 303, address
        assert "Fictional" not in answer.text
    fragment = client.get(f"/sent/{sent}", headers=HX)
    assert fragment.status_code == 401
    assert autosave(client, sent, "happened", {"what_happened": "x"}).status_code == 401


def test_a_former_colleague_of_the_agency_finds_nothing(
    rows: Session, cast: Cast, client_for: ClientFor, draft: str, sent: str
) -> None:
    client = client_for(cast.officer)
    assert client.get(f"/sent/{sent}").status_code == 200
    cast.officer.agency_id = cast.council.id
    rows.commit()
    assert client.get(f"/sent/{sent}").status_code == 404
    assert client.get(f"/share/{draft}/happened").status_code == 404
    assert autosave(client, draft, "happened", {"what_happened": "x"}).status_code == 404


def test_the_manager_reads_what_was_sent_but_not_who_told_it(
    cast: Cast, client_for: ClientFor, sent: str
) -> None:
    client = client_for(cast.police_manager)
    for address in (f"/sent/{sent}", f"/sent/{sent}/print"):
        page = client.get(address).text
        assert "Fictional" in page
        assert "Petra" not in page
    assert client.submit(f"/sent/{sent}/reply", {"text": "Mine too"}).status_code == 403
    assert client.get(f"/share/{sent}/source").status_code == 303


def test_no_print_and_no_acknowledgement_says_who_told_it(
    cast: Cast, client_for: ClientFor, sent: str
) -> None:
    client = client_for(cast.officer)
    assert "Petra" in client.get(f"/sent/{sent}").text
    assert "Petra" not in client.get(f"/sent/{sent}/print").text
    acknowledged = client.get(f"/sent/{sent}/acknowledgement").text
    assert "Petra" not in acknowledged
    assert "Fictional" not in acknowledged


def test_the_acknowledgement_of_a_form_that_was_decided_says_so(
    rows: Session, cast: Cast, client_for: ClientFor, sent: str
) -> None:
    client, waits = client_for(cast.officer), "What you sent waits for a coordinator"
    assert waits in client.get(f"/sent/{sent}/acknowledgement").text
    form = rows.scalars(select(Referral).filter_by(reference=sent)).one()
    for state, says in (
        (ReferralState.IN_TRIAGE, "The hub has begun to look at this"),
        (ReferralState.DECIDED, "The hub has decided about this"),
        (ReferralState.FED_BACK, "What was decided stands under “What we sent”"),
    ):
        form.state = state
        rows.commit()
        said = client.soup(f"/sent/{sent}/acknowledgement").get_text()
        assert says in said
        assert (waits in said) is (state is ReferralState.IN_TRIAGE)


def test_a_page_that_is_none_is_none(cast: Cast, client_for: ClientFor, draft: str) -> None:
    client = client_for(cast.officer)
    for step in ("sender", "dragons", "__class__", "%2e%2e"):
        assert client.get(f"/share/{draft}/{step}").status_code == 404, step
        assert autosave(client, draft, step, {}).status_code == 404, step


def test_a_channel_cannot_be_slipped_into_an_ordinary_form(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    client = client_for(cast.officer)
    reference = begin(client)
    fill(client, reference, FULL)
    slipped = {"channel": "phone", "received_at": "2020-01-01", "sender_name": "x", "state": "decided"}
    client.submit(f"/share/{reference}/about", {"version": "99", "kind": "child", **slipped})
    version = str(truth(rows, reference).version)
    client.submit(f"/share/{reference}/send", {"version": version, **slipped})
    found = truth(rows, reference)
    assert (found.channel, found.sender_name, found.state) == ("portal", None, "sent")


def test_every_refusal_is_on_record_with_the_address_that_was_asked(
    rows: Session, cast: Cast, client_for: ClientFor, sent: str
) -> None:
    client_for(cast.stranger).get(f"/sent/{sent}")
    refusal = rows.scalars(
        select(AuditEvent).filter_by(action="access:refused", actor_id=cast.stranger.id)
    ).one()
    assert refusal.address == f"/sent/{sent}"
