"""An e-mail says that something waits, how to open it and what to do with it, an onlooker learns nothing."""

import dataclasses
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.policy import current_policy
from portal.reminders import mail
from portal.reminders.claims import Waiting
from tests.cast import Cast
from tests.factories.messages import make_message
from tests.reminders.conftest import ENVELOPE, MORNING, Send
from tests.reminders.mail_server import Behaviour

NUMBER = UUID("0b9e5a0e-4a54-4d0c-9f0e-3b0f4c1f2d3e")
PLAIN = Waiting(
    id=NUMBER,
    key="shared:1",
    kind="shared",
    urgent=False,
    recipient_id=uuid4(),
    recipient_team_id=None,
    agency_id=uuid4(),
    created_at=MORNING,
    not_before=MORNING,
    attempts=0,
    handed_from_id=None,
    handed_reason=None,
    subject_kind="cre_case",
    subject_id=uuid4(),
    reference="CRE-7K4M-2PXA",
    case_id=None,
    deadline_id=None,
    due_at=None,
    rung=None,
    sequence=None,
    method=None,
)


def test_the_marking_comes_first_and_the_reference_stands_for_the_child(app: Flask) -> None:
    written = mail.compose(PLAIN, to="nurse@trust.example", envelope=ENVELOPE, at=MORNING)
    assert written["Subject"] == "OFFICIAL: A case was shared with you (CRE-7K4M-2PXA)"
    text = written.get_content()
    assert text.startswith("A case was shared with you or your team.\n\nReference: CRE-7K4M-2PXA\n\nOpen it")
    assert f"https://portal.example/go/{NUMBER}\n" in text
    assert "https://portal.example/preferences\n" in text
    assert "not the right person?" in text
    assert "meant for somebody else" not in text


def test_the_subject_of_what_does_not_wait_says_so_once_whatever_its_kind(app: Flask) -> None:
    kinds = list(current_policy().reminders.kinds)
    assert len(kinds) > 50
    for kind in kinds:
        for urgent in (True, False):
            told = dataclasses.replace(PLAIN, kind=kind.code, urgent=urgent)
            written = mail.compose(told, to="nurse@trust.example", envelope=ENVELOPE, at=MORNING)
            marks = written["Subject"].lower().count("urgent")
            assert marks == int(urgent or kind.urgent), kind.code
            assert written["Subject"].startswith("OFFICIAL: Urgent: ") is bool(marks), kind.code


def test_headers_keep_machines_from_answering(app: Flask) -> None:
    written = mail.compose(PLAIN, to="nurse@trust.example", envelope=ENVELOPE, at=MORNING)
    assert dict(written.items()) | {"Subject": ""} == {
        "From": "portal@portal.example",
        "To": "nurse@trust.example",
        "Subject": "",
        "Date": "Wed, 25 Nov 2026 10:00:00 +0000",
        "Message-ID": f"<{NUMBER}@portal.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "quoted-printable",
        "MIME-Version": "1.0",
    }


def test_a_message_without_a_reference_has_no_empty_brackets(app: Flask) -> None:
    written = mail.compose(
        dataclasses.replace(PLAIN, kind="address_failed", reference=None, urgent=True),
        to="lead@trust.example",
        envelope=ENVELOPE,
        at=MORNING,
    )
    assert written["Subject"] == "OFFICIAL: Urgent: an address of your agency does not work"
    assert "Reference" not in written.get_content()
    assert written["Importance"] == "high"


def test_a_digest_lists_what_is_due_by_reference(app: Flask) -> None:
    lines = ["REQ-7K4M-2PXA: a question, due 25 November 2026", "CRE-7K4M-2PXA: a review, overdue"]
    written = mail.compose(
        dataclasses.replace(PLAIN, kind="digest", reference=None),
        to="a@b.example",
        envelope=ENVELOPE,
        at=MORNING,
        lines=lines,
    )
    assert (
        "\n".join(["This is due, overdue or soon due for you, or new.", "", *lines, ""])
        in written.get_content()
    )


def test_every_kind_of_the_policy_can_be_written(app: Flask) -> None:
    for kind in current_policy().reminders.kinds:
        message = dataclasses.replace(PLAIN, kind=kind.code)
        written = mail.compose(message, to="a@b.example", envelope=ENVELOPE, at=MORNING)
        assert kind.line.split(".", 1)[0] in written.get_content()


@pytest.mark.usefixtures("app")
def test_nothing_personal_goes_over_the_wire(
    send: Send, behaviour: Behaviour, rows: Session, cast: Cast
) -> None:
    make_message(rows, cast.nurse, about={"reference": "CRE-7K4M-2PXA"})
    make_message(rows, cast.police_team)
    send()
    for arrived in behaviour.arrived:
        words = arrived.source.decode().replace(arrived.to[0], "")
        assert cast.nurse.name not in words
        assert cast.health.name not in words
        assert cast.police_team.name not in words
        assert "Bcc" not in arrived.message
