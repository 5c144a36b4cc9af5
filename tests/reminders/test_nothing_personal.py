"""A mail of every kind, about every sort of record of a world full of names: none of them is in it."""

from dataclasses import dataclass
from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal import clock
from portal.policy import current_policy
from portal.records.people.model import User
from portal.reminders import mail
from portal.reminders.claims import Waiting, waiting
from tests.cast import Cast
from tests.factories.cases import add_entry, make_case, make_child
from tests.factories.children import ask, say
from tests.factories.meetings import make_invitation, make_meeting
from tests.factories.messages import make_message
from tests.factories.people import make_user
from tests.factories.referrals import make_sent_referral
from tests.personal_data.facts import Facts, gathered
from tests.personal_data.recording import Record
from tests.personal_data.searching import search
from tests.reminders.conftest import ENVELOPE, MORNING


@dataclass(frozen=True)
class Marked:
    """A world whose every name, day, number and place is its own, and what was gathered of it."""

    facts: Facts
    receiver: User
    subjects: tuple[dict[str, Any], ...]


@pytest.fixture
def marked(rows: Session, cast: Cast) -> Marked:
    facts = Facts()
    with gathered(facts):
        receiver = make_user(rows, cast.health, "Bartholomea Underwhistle")
        child = make_child(rows, "Zephyrine", "Quarrelmoor", dob=date(2012, 5, 4), nhs_number="9990000018")
        say(rows, child, cast.social_worker, "14 Marmalade Crescent", postcode="ZZ9 9ZZ")
        say(rows, child, cast.teacher, "Hobbledehoy Academy", kind="school")
        case = make_case(rows, child, lead=cast.police, opened_by=cast.coordinator)
        add_entry(
            rows, case, cast.nurse, text="Zephyrine said that the man in the van knows where she lives."
        )
        referral = make_sent_referral(
            rows, cast.officer, children=[{"given_name": "Zephyrine", "family_name": "Quarrelmoor"}]
        )
        meeting = make_meeting(
            rows,
            chair=cast.chair,
            note_taker=cast.nurse,
            cases=[case],
            starts_at=MORNING + timedelta(days=9),
            place="Bluebottle Hall, second floor",
            link="https://meet.example/zephyrine-quarrelmoor",
        )
        invitation = make_invitation(rows, meeting, by=cast.chair, person=receiver)
        make_invitation(rows, meeting, by=cast.chair, outside="Marigold Quarrelmoor", role="carer")
        request = ask(
            rows,
            child,
            cast.health_team,
            by=cast.coordinator,
            case=case,
            question="Has Zephyrine been seen at the walk-in centre?",
        )
    about = {"case_id": case.id}
    return Marked(
        facts,
        receiver,
        (
            {"subject_kind": "cre_case", "subject_id": case.id, "reference": case.reference, **about},
            {"subject_kind": "referral", "subject_id": referral.id, "reference": referral.reference},
            {"subject_kind": "meeting", "subject_id": meeting.id, "reference": meeting.reference, **about},
            {"subject_kind": "information_request", "subject_id": request.id, "reference": request.reference},
            *(
                {
                    "subject_kind": "invitation",
                    "subject_id": invitation.id,
                    "reference": meeting.reference,
                    "sequence": 1,
                    "method": method,
                }
                for method in ("REQUEST", "CANCEL")
            ),
        ),
    )


def test_no_mail_of_any_kind_about_anything_says_whom_it_is_about(
    marked: Marked, engine: Engine, rows: Session
) -> None:
    assert {"zephyrine", "quarrelmoor", "marigold", "bartholomea"} <= set(marked.facts.words)
    assert "14 marmalade crescent" in marked.facts.phrases
    kinds = current_policy().reminders.kinds.offered
    record = Record()
    for kind in kinds:
        for about in marked.subjects:
            message = make_message(
                rows, marked.receiver, kind=kind.code, about=about, urgent=kind.urgent, handed_reason="away"
            )
            record.mail(_written(engine, message.id, marked.receiver.email).as_bytes(), kind.code)
    assert len(record.mails) == len(kinds) * len(marked.subjects)
    entries = [source for source in record.mails if b"text/calendar" in source]
    assert len(entries) == 2 * len(kinds), "an invitation brings a calendar entry, whatever its kind"
    found = search(record.texts(), marked.facts)
    assert not found, "\n".join(found)


def test_a_name_in_a_subject_or_a_calendar_entry_would_be_found(
    marked: Marked, engine: Engine, rows: Session
) -> None:
    message = make_message(rows, marked.receiver, about={**marked.subjects[-1], "reference": "Quarrelmoor"})
    record = Record()
    record.mail(_written(engine, message.id, marked.receiver.email).as_bytes())
    assert search(record.texts(), marked.facts)


def _written(engine: Engine, message: UUID, to: str) -> EmailMessage:
    with engine.begin() as connection:
        found = Waiting.of(connection.execute(waiting().filter_by(id=message)).one())
        return mail.write(connection, found, to=to, envelope=ENVELOPE, at=clock.now())
