"""Looking for a child: enquiries stay, a picture shows no place, the plan stands where it is needed."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.model import new_id
from portal.records.attachments.model import Attachment, AttachmentContent
from portal.records.cases.model import Case, Involvement
from portal.records.children.model import Child
from portal.records.missing.model import MissingEnquiry, MissingEpisode
from portal.records.people.model import Team
from portal.records.safety_plans.model import SafetyPlanAnswer
from portal.vocabulary import Desk, Sensitivity
from tests.attachments.conftest import send
from tests.attachments.specimens import pdf, picture
from tests.cast import Cast
from tests.factories.cases import add_alert, grant
from tests.factories.children import say
from tests.factories.missing import make_episode
from tests.factories.safety_plans import make_safety_plan
from tests.missing.test_pages import ClientFor, typed
from tests.told import heard


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
        for page in ("enquiry", "picture", "pass-on"):
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
    rows.rollback()
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


@pytest.fixture
def agreed(rows: Session, cast: Cast, case: Case) -> MissingEpisode:
    """A child who is missing, whose plan and alert those alone read who work with them: the desk for missing
    people is of another team of the police, who are not on the case.
    """
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.execute(
        update(Involvement).where(Involvement.team_id == cast.police_team.id).values(ended_at=clock.now())
    )
    plan = make_safety_plan(rows, case, cast.social_worker, "Ring her aunt in Belper first")
    for answer in rows.scalars(select(SafetyPlanAnswer).where(SafetyPlanAnswer.plan_id == plan.id)):
        answer.item = "missing_enquiries"
    rows.commit()
    add_alert(rows, case, cast.social_worker, "Carries an inhaler")
    return make_episode(rows, rows.get_one(Child, case.child_id), cast.teacher, team=cast.school_team)


def test_who_works_with_the_child_passes_on_what_those_who_look_must_know_and_they_are_told(
    rows: Session, cast: Cast, agreed: MissingEpisode, client_for: ClientFor
) -> None:
    page = f"/missing/{agreed.reference}"
    desk, worker = client_for(cast.neighbour), client_for(cast.social_worker)
    words = desk.soup(page).get_text(" ", strip=True)
    assert "Belper" not in words
    assert "inhaler" not in words
    assert desk.soup(page).find("a", href=f"{page}/pass-on") is None, "who reads no plan has none to pass on"
    assert worker.soup(page).find("a", href=f"{page}/pass-on")
    slipped = desk.submit(f"{page}/pass-on", {"words": "Made up", "once": str(new_id())})
    assert slipped.status_code == 422, "nor by its address"
    assert client_for(None).get(f"{page}/pass-on").status_code in {302, 303}
    form = worker.soup(f"{page}/pass-on")
    offered = form.select_one("textarea[name=words]").get_text()  # type: ignore[union-attr] # the form has one
    assert "Ring her aunt in Belper first" in offered
    assert "Carries an inhaler" in offered
    said = {"words": "Ring her aunt in Belper first. Carries an inhaler", "once": str(new_id())}
    for _ in range(2):
        assert worker.submit(f"{page}/pass-on", said).status_code == 303
    assert "Told by e-mail" in worker.soup(page).get_text(" ", strip=True)
    (added,) = rows.scalars(select(MissingEnquiry)).all()
    assert added.words == said["words"]
    for reader in (cast.neighbour, cast.teacher, cast.coordinator):
        assert "Ring her aunt in Belper first" in client_for(reader).soup(page).get_text(" ", strip=True)
    assert client_for(cast.stranger).get(page).status_code == 404
    assert heard(rows, cast, "missing_planned") == {
        *("police_other_team mail missing_planned", "neighbour portal missing_planned"),
        *("hub_team mail missing_planned", "coordinator portal missing_planned"),
        "second_coordinator portal missing_planned",
    }


def test_no_held_address_is_passed_on_nor_anything_of_a_child_who_is_back_or_held_closely(
    rows: Session, cast: Cast, case: Case, agreed: MissingEpisode, client_for: ClientFor
) -> None:
    page, worker = f"/missing/{agreed.reference}", client_for(cast.social_worker)
    say(
        *(rows, rows.get_one(Child, case.child_id), cast.officer, "9 Quillwhistle Lane, Long Eaton"),
        do_not_disclose=True,
    )
    rows.commit()

    def refused(words: str) -> str:
        answer = worker.submit(f"{page}/pass-on", {"words": words, "once": str(new_id())})
        assert answer.status_code == 422
        assert not rows.scalars(select(MissingEnquiry)).all()
        return str(worker.page_of(answer).find(id="error-summary"))

    assert "must not be disclosed" in refused("Lives at 9 Quillwhistle Lane, Long Eaton")
    assert "Write what they have to know" in refused("")
    case.sensitivity = int(Sensitivity.RESTRICTED)
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    rows.commit()
    assert worker.soup(page).find("a", href=f"{page}/pass-on") is None
    assert "Ring whoever looks for the child" in refused("Ring her aunt")
    case.sensitivity = int(Sensitivity.NORMAL)
    agreed.returned_at = clock.now()
    rows.commit()
    assert worker.soup(page).find("a", href=f"{page}/pass-on") is None
    assert "The child is back" in refused("Ring her aunt")
