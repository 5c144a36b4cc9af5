"""Looking for a child: enquiries stay, a picture shows no place, the plan stands where it is needed."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.model import new_id
from portal.records.attachments.model import Attachment, AttachmentContent
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEnquiry, MissingEpisode
from portal.records.safety_plans.model import SafetyPlanAnswer
from tests.attachments.conftest import send
from tests.attachments.specimens import pdf, picture
from tests.cast import Cast
from tests.factories.missing import make_episode
from tests.factories.safety_plans import make_safety_plan
from tests.missing.test_pages import ClientFor, typed


@pytest.fixture
def episode(rows: Session, cast: Cast, case: Case) -> MissingEpisode:
    """One that runs."""
    return make_episode(rows, rows.get_one(Child, case.child_id), cast.officer, team=cast.police_team)


def test_an_enquiry_is_added_once_with_who_and_when_and_nothing_changes_it(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: ClientFor
) -> None:
    page = f"/missing/{episode.reference}"
    officer, nurse = client_for(cast.officer), client_for(cast.nurse)
    assert "Nothing was recorded of it yet" in officer.soup(page).get_text()
    said = {"made_by": "PC Marl", "words": "Rang the friend’s mother: not there", "once": str(new_id())}
    said |= typed("made_on", clock.now() - timedelta(hours=1), "made_at")
    for _ in range(2):
        assert officer.submit(f"{page}/enquiry", said).status_code == 303
    now = {"made_by": "A nurse", "words": "Not in the clinic", "once": str(new_id())}
    assert nurse.submit(f"{page}/enquiry", now).status_code == 303
    found = rows.scalars(select(MissingEnquiry).order_by(MissingEnquiry.made_at)).all()
    assert [one.words for one in found] == ["Rang the friend’s mother: not there", "Not in the clinic"]
    assert found[1].recorded_agency_id == cast.health.id
    words = nurse.soup(page).get_text(" ", strip=True)
    assert words.index("Not in the clinic") < words.index("Rang the friend’s mother")
    assert "missing:enquiry" in rows.scalars(select(AuditEvent.action)).all()


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({"words": ""}, "Write what was asked or done"),
        ({"made_by": ""}, "Enter who enquired"),
        ({"made_at": "10:00"}, "Enter both the day and the time"),
    ],
)
def test_what_an_enquiry_lacks_is_said_and_nothing_is_lost(
    cast: Cast, episode: MissingEpisode, client_for: ClientFor, sent: dict[str, str], fault: str
) -> None:
    client = client_for(cast.officer)
    said = {"made_by": "PC Marl", "words": "Looked at the bus station", "once": str(new_id())} | sent
    answer = client.submit(f"/missing/{episode.reference}/enquiry", said)
    assert answer.status_code == 422
    words = client.page_of(answer)
    assert fault in words.get_text()
    assert not said["words"] or said["words"] in words.get_text()


def test_a_stranger_adds_no_enquiry_and_no_picture(
    cast: Cast, episode: MissingEpisode, client_for: ClientFor
) -> None:
    for person in (cast.stranger, cast.teacher, cast.community_safety):
        for page in ("enquiry", "picture"):
            assert client_for(person).get(f"/missing/{episode.reference}/{page}").status_code == 404, (
                person.name
            )


def test_a_picture_keeps_no_place_and_is_for_the_readers_of_the_episode(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: ClientFor
) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    client, page = client_for(cast.officer), f"/missing/{episode.reference}"
    sent = picture("JPEG", size=(40, 30), exif=exif.tobytes())
    assert send(client, f"{page}/picture", sent, "child.jpg").status_code == 303
    kept = rows.scalars(select(AttachmentContent.content)).one()
    with Image.open(BytesIO(kept)) as drawn:
        assert not drawn.getexif().get_ifd(0x8825)
    file = rows.scalars(select(Attachment)).one()
    address = f"{page}/picture/{file.reference}"
    assert client_for(cast.nurse).soup(page).find("img", src=address)
    shown = client_for(cast.nurse).get(address)
    assert (shown.status_code, shown.data, shown.mimetype) == (200, kept, "image/jpeg")
    assert shown.headers["Cache-Control"] == "no-store"
    assert "attachment:look" in rows.scalars(select(AuditEvent.action)).all()
    for person in (cast.teacher, cast.stranger, cast.governance):
        assert client_for(person).get(address).status_code in {403, 404}, person.name
        assert client_for(person).get(f"/files/{file.reference}").status_code in {403, 404}, person.name
    other = make_episode(rows, rows.get_one(Child, episode.child_id), cast.officer)
    assert (
        client_for(cast.nurse).get(f"/missing/{other.reference}/picture/{file.reference}").status_code == 404
    )


def test_only_a_picture_is_taken(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: ClientFor
) -> None:
    client = client_for(cast.officer)
    answer = send(client, f"/missing/{episode.reference}/picture", pdf(), "letter.pdf")
    assert answer.status_code == 422
    assert "Choose a picture" in client.page_of(answer).get_text()
    assert not rows.scalars(select(Attachment)).all()


def test_the_plan_in_force_stands_on_the_episode_while_the_child_is_missing_and_for_its_readers_alone(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    plan = make_safety_plan(rows, case, cast.social_worker, "Ring her aunt in Belper first")
    for answer in rows.scalars(select(SafetyPlanAnswer).where(SafetyPlanAnswer.plan_id == plan.id)):
        answer.item = "missing_enquiries"
    rows.commit()
    episode = make_episode(rows, rows.get_one(Child, case.child_id), cast.teacher, team=cast.school_team)
    page = f"/missing/{episode.reference}"
    words = client_for(cast.social_worker).soup(page).get_text(" ", strip=True)
    assert "If missing: first enquiries, and likely places" in words
    assert "Ring her aunt in Belper first" in words
    words = client_for(cast.teacher).soup(page).get_text(" ", strip=True)
    assert "Belper" not in words
    assert "No safety plan in force that you read says it" in words
    episode.returned_at = clock.now()
    rows.commit()
    assert "Belper" not in client_for(cast.social_worker).soup(page).get_text()
