"""Preparing a panel: what is proposed, by whom, what is put on, and what never is."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import clock
from portal.access import principal
from portal.extensions import db
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.records.missing.model import MissingEpisode
from portal.records.panels.model import PanelItem
from portal.records.panels.vocabulary import PanelItemState
from portal.records.people.model import User
from portal.vocabulary import CaseState, Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, make_case, make_child
from tests.factories.panels import make_item, make_summary
from tests.factories.people import open_session
from tests.factories.plans import make_action
from tests.panels.scene import DISTRICT, PanelScene, make_panel_scene, make_place
from tests.told import told

ClientFor = Callable[[User | None], Client]


@pytest.fixture
def scene(rows: Session, cast: Cast) -> PanelScene:
    return make_panel_scene(rows, cast)


def items(rows: Session) -> list[PanelItem]:
    rows.expire_all()
    return list(rows.scalars(select(PanelItem).order_by(PanelItem.place)))


def offered(client_for: ClientFor, who: User, scene: PanelScene) -> str:
    return client_for(who).soup(f"/panels/{scene.meeting.reference}/prepare").text


def put(client_for: ClientFor, who: User, scene: PanelScene, reference: str, **more: str) -> int:
    data = {"reference": reference, "why": "Quillwhy"} | more
    return client_for(who).submit(f"/panels/{scene.meeting.reference}/prepare", data).status_code


def miss(rows: Session, cast: Cast, child_id: object, times: int) -> None:
    for n in range(times):
        since = clock.now() - timedelta(days=3 * n + 2)
        rows.add(
            MissingEpisode(
                id=new_id(),
                reference=new_reference(Prefix.MISSING),
                child_id=child_id,
                reported_name="Quill",
                status="missing",
                missing_since=since,
                reported_at=since,
                reported_by="Quill",
                recorded_by=cast.officer.id,
                recorded_agency_id=cast.police.id,
                recorded_at=since,
                returned_at=since + timedelta(hours=5),
                policy_version="test",
            )
        )
    rows.commit()


def test_the_agenda_proposes_what_the_policy_says_of_what_one_may_see(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    miss(rows, cast, scene.child.id, 3)
    for _ in range(2):
        late = make_action(rows, scene.case, cast.officer, cast.officer)
        late.due_on = clock.today() - timedelta(days=3)
    elsewhere = make_case(
        rows,
        make_child(rows, "Perpetua", "Quillother"),
        lead=cast.police,
        opened_by=cast.coordinator,
        district="high_peak",
        level="high",
    )
    make_place(rows, cast)
    page = offered(client_for, cast.coordinator, scene)
    assert "Level: High" in page
    assert "Missing 3 times in 90 days" in page
    assert "2 actions overdue" in page
    assert "Quillplace" in page
    assert elsewhere.reference not in page, "of another district"
    chair = offered(client_for, cast.chair, scene)
    assert "Quillwort" not in chair, "the chair does not read the case, so it is not proposed to them"
    assert "Quillplace" not in chair


def test_what_is_on_or_waits_is_not_proposed_again_and_is_put_on_once(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    assert put(client_for, cast.coordinator, scene, scene.case.reference) == 303
    assert put(client_for, cast.coordinator, scene, scene.case.reference) == 422
    assert len(items(rows)) == 1
    assert scene.case.reference not in offered(client_for, cast.coordinator, scene)


@pytest.mark.parametrize("who", ["officer", "nurse", "community_safety", "stranger", "social_worker"])
def test_nobody_but_who_runs_the_panel_prepares_it(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene, who: str
) -> None:
    person: User = getattr(cast, who)
    assert put(client_for, person, scene, scene.case.reference) in {403, 404}
    assert client_for(person).get(f"/panels/{scene.meeting.reference}/prepare").status_code in {403, 404}
    assert not items(rows)


def test_whoever_works_on_a_case_proposes_it_and_hears_what_becomes_of_it(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    browser = client_for(cast.officer)
    assert "The next one is on" in browser.soup(f"/cases/{scene.case.reference}/panel").text
    once = str(new_id())
    for _ in range(2):
        answer = browser.submit(
            f"/cases/{scene.case.reference}/panel", {"about": "plan", "why": "Quillwhy", "once": once}
        )
        assert answer.status_code == 303
    item = items(rows)[0]
    assert (item.kind, item.state, item.district) == ("plan", "proposed", DISTRICT)
    assert len(items(rows)) == 1, "sent twice"
    assert "Quillwhy" in offered(client_for, cast.coordinator, scene)
    hub = client_for(cast.coordinator)
    assert hub.submit(f"/panels/items/{item.reference}/decline", {}).status_code == 422, "with a reason"
    assert hub.submit(f"/panels/items/{item.reference}/decline", {"reason": "Quillno"}).status_code == 303
    assert "Quillno" in browser.soup(f"/panels/items/{item.reference}").text
    assert [row.recipient_id for row in told(rows, "panel_news")] == [cast.officer.id]
    for person in (cast.stranger, cast.nurse, cast.community_safety):
        answer = client_for(person).submit(
            f"/cases/{scene.case.reference}/panel", {"about": "case", "why": "x"}
        )
        assert answer.status_code == 404, person.name


def test_what_is_sealed_is_refused_and_what_is_restricted_waits_for_the_word_of_its_lead(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    scene = make_panel_scene(rows, cast, sensitivity=1)
    assert put(client_for, cast.coordinator, scene, scene.case.reference) == 303
    item = items(rows)[0]
    assert item.state == PanelItemState.PROPOSED, "it waits"
    hub = client_for(cast.coordinator)
    again = hub.submit(f"/panels/items/{item.reference}/put-on", {"panel": scene.meeting.reference})
    assert again.status_code == 422
    assert hub.submit(f"/panels/items/{item.reference}/word", {"word": "For them"}).status_code == 403
    with pytest.raises(IntegrityError, match="word of its lead"):
        _put_on_past_the_service(client_for, rows, cast, item, scene)
    scene.case.sensitivity = 2
    rows.commit()
    assert hub.get(f"/panels/items/{item.reference}").status_code == 404, "sealed: gone for the hub"
    assert put(client_for, cast.coordinator, scene, scene.case.reference) == 422


def test_the_lead_professional_gives_their_word_once_and_it_stands(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    scene = make_panel_scene(rows, cast, sensitivity=1)
    grant(rows, scene.case, cast.officer, by=cast.second_coordinator)
    put(client_for, cast.coordinator, scene, scene.case.reference)
    item = items(rows)[0]
    assert [row.recipient_id for row in told(rows, "panel_asked")] == [cast.officer.id]
    lead = client_for(cast.officer)
    assert "Give your word" in lead.soup(f"/panels/items/{item.reference}").text
    assert lead.submit(f"/panels/items/{item.reference}/word", {"word": "Quillword"}).status_code == 303
    assert lead.submit(f"/panels/items/{item.reference}/word", {"word": "More"}).status_code == 422
    hub = client_for(cast.coordinator)
    on = hub.submit(f"/panels/items/{item.reference}/put-on", {"panel": scene.meeting.reference})
    assert on.status_code == 303
    item = items(rows)[0]
    assert (item.state, item.word_by) == (PanelItemState.ON, cast.officer.id)
    assert "Quillword" in hub.soup(f"/panels/items/{item.reference}").text


def test_a_child_of_whom_another_case_is_sealed_is_refused(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    make_case(
        rows,
        scene.child,
        lead=cast.health,
        opened_by=cast.second_coordinator,
        sensitivity=Sensitivity.SEALED,
        state=CaseState.CLOSED,
        closed_at=clock.now(),
    )
    answer = client_for(cast.coordinator).submit(
        f"/panels/{scene.meeting.reference}/prepare", {"reference": scene.case.reference, "why": "x"}
    )
    assert answer.status_code == 422
    assert "does not come before a panel" in answer.text
    assert "seal" not in answer.text.lower().replace("nothing sealed does", ""), "nor why"


def test_a_place_comes_before_the_panel_and_a_person_by_the_word_of_its_owner(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    place = make_place(rows, cast)
    assert put(client_for, cast.coordinator, scene, place.reference) == 303
    person = make_place(rows, cast, sensitivity=0)
    person.kind = "person"
    rows.commit()
    assert put(client_for, cast.coordinator, scene, person.reference) == 303
    by_kind = {item.concern_id: item for item in items(rows)}
    assert by_kind[place.id].state == PanelItemState.ON
    assert by_kind[person.id].state == PanelItemState.PROPOSED
    owner = client_for(cast.officer)
    item = by_kind[person.id]
    assert owner.submit(f"/panels/items/{item.reference}/word", {"word": "Yes"}).status_code == 303


def test_what_a_panel_did_not_come_to_waits_for_the_next(
    rows: Session, cast: Cast, scene: PanelScene
) -> None:
    item = make_item(rows, by=cast.coordinator, meeting=scene.meeting, case=scene.case)
    scene.meeting.state = "cancelled"
    rows.commit()
    rows.refresh(item)
    assert (item.state, item.meeting_id) == (PanelItemState.PROPOSED, None)


def _put_on_past_the_service(
    client_for: ClientFor, rows: Session, cast: Cast, item: PanelItem, scene: PanelScene
) -> None:
    """As the application’s role, with the coordinator asking, and no service in between."""
    browser = client_for(cast.coordinator)
    with browser.application.app_context():
        engine = db.engine
    principal.use_token(open_session(rows, cast.coordinator.id))
    try:
        with Session(engine) as session:
            session.execute(
                text(
                    "update panel_item set state = 'on', meeting_id = :meeting, place = 1, decided_by = :by,"
                    " decided_at = now() where id = :item"
                ),
                {"meeting": scene.meeting.id, "by": cast.coordinator.id, "item": item.id},
            )
    finally:
        principal.use_token("")


@pytest.mark.parametrize("read", [True, False])
def test_that_a_coordinator_has_yet_to_read_a_summary_is_said_only_where_it_is_so(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene, read: bool
) -> None:
    item = make_item(rows, by=cast.coordinator, case=scene.case, district=scene.meeting.district)
    make_summary(rows, item, by=cast.officer, read_by=cast.coordinator if read else None)
    rows.commit()
    hub = client_for(cast.coordinator)
    on = hub.submit(f"/panels/items/{item.reference}/put-on", {"panel": scene.meeting.reference})
    assert on.status_code == 303
    says = hub.soup(on.location).get_text(" ", strip=True)
    assert ("The papers go out once a coordinator has read its summary" in says) is not read
    assert ("A coordinator has read its summary, and it goes out with the papers" in says) is read
