"""Tries the fact of `a_fact.patch`; put beside the tests of return interviews in a tree that has it."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import clock
from portal.records.missing.model import MissingEpisode
from tests.cast import Cast
from tests.return_interviews.conftest import Acting, begun, kept, offered
from tests.return_interviews.test_pages import ClientFor, at


def test_it_is_asked_kept_and_shown(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting, client_for: ClientFor
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    offered(acting, cast.social_worker, interview)
    client, home = client_for(cast.social_worker), f"/return-interviews/{interview.reference}"
    said = at(clock.now() - timedelta(minutes=5)) | {
        "interviewer": "Ines Hollowell",
        "independent": "yes",
        "independent_words": "Youth worker",
        "seen_alone": "yes",
        "limits_told": "yes",
        "version": str(kept(rows, interview).version),
    }
    refused = client.submit(f"{home}/held", said)
    assert refused.status_code == 422
    assert "Choose whether an interpreter was there" in refused.text
    assert client.submit(f"{home}/held", said | {"interpreted": "no"}).status_code == 303
    assert rows.scalar(text("select interpreted from return_interview")) is False
    words = client.soup(home).get_text(" ", strip=True)
    assert "Interpreter No" in words
