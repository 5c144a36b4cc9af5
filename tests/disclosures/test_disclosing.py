"""An agency is told about the children that a disclosure covers, and not a byte about any other."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.changes.errors import DomainError
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.records.cases.model import Involvement
from portal.records.children.model import Child
from portal.records.disclosures import disclosing as disclosures
from portal.records.disclosures.disclosing import DisclosureRequest
from portal.records.disclosures.model import Disclosure, DisclosureChild, DisclosureText
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.intelligence.grading import Grading
from portal.records.people.model import Team, User
from portal.records.referrals.model import Referral
from portal.records.referrals.rules import ChildDetails
from portal.records.referrals.sending import subjects_of
from portal.records.referrals.third_party_check import NamesOthers
from portal.records.triage import child_match as recognition
from portal.records.triage import decisions
from portal.records.triage.vocabulary import InformationNature
from portal.records.triage.working import find_referral
from portal.vocabulary import DecisionOutcome, TriageColour
from tests.cast import Cast
from tests.client import Client
from tests.factories.referrals import make_sent_referral
from tests.triage.conftest import SOURCE, Acting, answers, decide, opening

Asking = Callable[[User | None], AbstractContextManager[Session]]

ADA = ChildDetails(given_name="Ada", family_name="Fictional", age=14)
BENEDICT = ChildDetails(
    given_name="Benedict", family_name="Fictional", age=12, nhs_number="9434765919", school="Secretschool",
    address="7 Secretstreet", carer="Secretcarer",
)  # fmt: skip
CLEO = ChildDetails(given_name="Cleo", family_name="Invented", other_names="Cleopatra")
STORY = "Ada got into a car. Benedict was hurt. He said nothing. Cleo saw it. Ada has a new phone."
TRACES = (
    "Benedict",
    "9434765919",
    "943 476 5919",
    "Secret",
    "Cleo",
    "Invented",
    "hurt",
    "said nothing",
    "Quentina",
)


@pytest.fixture
def three(rows: Session, cast: Cast, acting: Acting) -> Referral:
    """A red form on three children, each of whom has a record of their own now."""
    form = make_sent_referral(
        rows, cast.officer, children=[ADA, BENEDICT, CLEO], answers=answers(STORY), source=SOURCE,
        colour=TriageColour.RED,
    )  # fmt: skip
    with acting(cast.coordinator) as actor:
        referral = find_referral(actor=actor, reference=form.reference)
        for subject in subjects_of(referral=referral):
            recognition.start_record(actor=actor, referral=referral, subject=subject)
    return form


def tell(
    acting: Acting, cast: Cast, form: Referral, about: Sequence[int] = (1,), once: Any = None, **facts: Any
) -> str:
    """Tell the nurse's team about what stands at some places of the form; the reference of it."""
    given: dict[str, Any] = {
        "decision": SharingDecision.SHARE,
        "text": "Ada got into a car. Ada has a new phone.",
        "purpose": "protect_child",
        "basis": "public_task",
        "family_told": True,
    }
    with acting(cast.coordinator) as actor:
        referral = find_referral(actor=actor, reference=form.reference)
        chosen = [one for one in subjects_of(referral=referral) if one.position in about]
        made = disclosures.disclose(
            actor=actor,
            referral=referral,
            team=db.session.get_one(Team, cast.health_team.id),
            telling=DisclosureRequest(about=chosen, **(given | facts)),
            once=once or uuid4(),
        )
        return made.reference


def everything(session: Session) -> str:
    """Every value of every row that somebody may read, in one text."""
    names = session.scalars(
        text(
            "select table_schema || '.' || table_name from information_schema.tables"
            " where table_schema = 'public' and table_type = 'BASE TABLE'"
            " and has_table_privilege(table_schema || '.' || table_name, 'select')"
        )
    ).all()
    return "\n".join(str(row) for name in names for row in session.execute(text(f"select * from {name}")))  # noqa: S608 - names of the catalogue


def test_no_byte_about_the_other_children_reaches_the_receiver(
    rows: Session, cast: Cast, three: Referral, acting: Acting, asking: Asking,
    client_for: Callable[[User | None], Client],
) -> None:  # fmt: skip
    client = client_for(cast.coordinator)
    page = client.soup(f"/triage/{three.reference}/tell?about=1")
    box = page.select_one("#text")
    assert box is not None
    words = box.get_text().strip()
    assert words == "Ada got into a car. Ada has a new phone."
    answer = client.submit(
        f"/triage/{three.reference}/tell?about=1",
        {
            "teams": str(cast.health_team.id),
            "decision": "part",
            "text": words,
            "purpose": "protect_child",
            "basis": "public_task",
            "reason": "The rest is not about her",
            "family_told": "yes",
            "once": str(uuid4()),
        },
    )
    assert answer.status_code == 303
    reference = rows.scalars(select(Disclosure.reference)).one()
    nurse = client_for(cast.nurse)
    pages = [nurse.soup(one).get_text(" ") for one in ("/told", f"/told/{reference}", "/cases")]
    with asking(cast.nurse) as session:
        seen = "\n".join([everything(session), *pages])
    assert "Ada" in seen
    assert "new phone" in seen
    for trace in TRACES:
        assert trace not in seen, f"the nurse can read “{trace}”"
    assert nurse.get(f"/triage/{three.reference}").status_code == 403


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("text", {"text": "Ada was with Benny."}),
        ("text", {"text": "Ada was with a boy, 943-476-5919."}),
        ("reason", {"decision": SharingDecision.PART, "reason": "Cleopatra’s part stays here"}),
        ("more_conditions", {"more_conditions": "Do not tell Cleo"}),
        ("text", {"text": f"Ada was seen. {SOURCE}."}),
    ],
)
def test_everything_that_the_receiver_reads_is_held_against_the_other_children_and_the_source(
    rows: Session, cast: Cast, three: Referral, acting: Acting, field: str, facts: dict[str, Any]
) -> None:
    with pytest.raises(DomainError) as refusal:
        tell(acting, cast, three, **facts)
    assert refusal.value.field == field
    rows.rollback()
    assert not rows.scalars(select(Disclosure)).all()


def test_a_name_that_means_somebody_else_passes_once_it_was_read(
    rows: Session, cast: Cast, three: Referral, acting: Acting
) -> None:
    with pytest.raises(NamesOthers):
        tell(acting, cast, three, text="Ada was at St Benedict’s.")
    tell(acting, cast, three, text="Ada was at St Benedict’s.", read=True)
    assert len(rows.scalars(select(Disclosure)).all()) == 1


def test_a_telling_is_frozen_owed_a_receipt_and_on_record_for_each_child(
    rows: Session, cast: Cast, three: Referral, acting: Acting
) -> None:
    reference = tell(acting, cast, three, conditions=["no_onward"], more_conditions="Ring first")
    told = rows.scalars(select(Disclosure)).one()
    assert (told.reference, told.colour, told.conditions) == (
        reference, "red", "Do not pass on without asking the hub\nRing first",
    )  # fmt: skip
    assert rows.scalars(select(DisclosureText.text)).one().startswith("Child: Ada Fictional, about 14")
    child = rows.scalars(select(DisclosureChild.child_id)).one()
    assert rows.get_one(Child, child).given_name == "Ada"
    owed = rows.scalars(select(Deadline).filter_by(kind=DeadlineKind.RECEIPT)).one()
    assert (owed.owner_team_id, owed.source) == (cast.health_team.id, "clocks.receipt_red")
    trail = rows.scalars(select(AuditEvent).filter_by(action="disclosure:make")).one()
    assert trail.child_id == child


def test_what_was_graded_is_told_in_its_sanitised_words_and_on_its_conditions(
    rows: Session, cast: Cast, three: Referral, acting: Acting, client_for: Callable[[User | None], Client]
) -> None:
    graded = Grading(source_grade="1", information_grade="A", handling_code="C", conditions="No arrests yet",
                     text="A child has a new phone.")  # fmt: skip
    with acting(cast.coordinator) as actor:
        decide(actor, three, DecisionOutcome.INTELLIGENCE_ONLY, about=[1], grading=graded,
               nature=InformationNature.INTELLIGENCE)  # fmt: skip
    box = client_for(cast.coordinator).soup(f"/triage/{three.reference}/tell?about=1").select_one("#text")
    assert box is not None
    assert box.get_text().strip() == "A child has a new phone."
    tell(acting, cast, three, text="A child has a new phone.", conditions=["no_onward"])
    conditions = rows.scalars(select(Disclosure.conditions)).one()
    assert conditions == "Do not pass on without asking the hub\nNo arrests yet"


def test_sending_the_page_twice_tells_once(
    rows: Session, cast: Cast, three: Referral, acting: Acting
) -> None:
    once = uuid4()
    assert tell(acting, cast, three, once=once) == tell(acting, cast, three, once=once)
    assert len(rows.scalars(select(Deadline).filter_by(kind=DeadlineKind.RECEIPT)).all()) == 1


def test_a_refusal_is_kept_with_its_reason_and_nobody_outside_learns_of_it(
    rows: Session, cast: Cast, three: Referral, acting: Acting, asking: Asking
) -> None:
    with pytest.raises(DomainError) as refusal:
        tell(acting, cast, three, decision=SharingDecision.REFUSE)
    assert refusal.value.field == "refusal"
    tell(
        acting, cast, three, decision=SharingDecision.REFUSE, refusal="endangers", reason="Family works there"
    )
    told = rows.scalars(select(Disclosure)).one()
    assert told.reason == "Passing it on could put somebody in danger: Family works there"
    assert not rows.scalars(select(DisclosureText)).all()
    assert not rows.scalars(select(Deadline).filter_by(kind=DeadlineKind.RECEIPT)).all()
    with asking(cast.nurse) as session:
        assert not session.scalars(select(Disclosure)).all()
        assert not session.scalars(select(Child)).all()


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"text": " "}, "text"),
        ({"purpose": ""}, "purpose"),
        ({"basis": "consent"}, "basis"),
        ({"decision": SharingDecision.PART}, "reason"),
        ({"family_told": None}, "family_told"),
        ({"family_told": False}, "family_reason"),
    ],
)
def test_the_ledger_is_not_kept_by_halves(
    cast: Cast, three: Referral, acting: Acting, facts: dict[str, Any], field: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        tell(acting, cast, three, **facts)
    assert refusal.value.field == field


def test_a_child_whom_nobody_has_recognised_is_not_told_about(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    with pytest.raises(DomainError) as refusal:
        tell(acting, cast, form)
    assert refusal.value.field == "about"


def test_only_the_team_that_was_told_confirms_and_that_ends_its_clock(
    rows: Session, cast: Cast, three: Referral, acting: Acting, client_for: Callable[[User | None], Client]
) -> None:
    reference = tell(acting, cast, three)
    assert client_for(cast.stranger).submit(f"/told/{reference}/confirm").status_code == 404
    assert client_for(cast.coordinator).submit(f"/told/{reference}/confirm").status_code == 403
    for _ in range(2):
        assert client_for(cast.nurse).submit(f"/told/{reference}/confirm").status_code == 303
    rows.expire_all()
    assert rows.scalars(select(Disclosure.confirmed_by)).one() == cast.nurse.id
    owed = rows.scalars(select(Deadline).filter_by(kind=DeadlineKind.RECEIPT)).one()
    assert owed.state == DeadlineState.DONE
    for reader in (cast.nurse, cast.coordinator):
        page = client_for(reader).soup(f"/told/{reference}").get_text()
        assert f"Confirmed by {cast.nurse.name} on" in page, reader.name
        assert "Opened" not in page
    assert "Receipt confirmed" in client_for(cast.nurse).soup(f"/told/{reference}").get_text()


def test_what_was_told_in_error_is_withdrawn_from_sight_and_stays_on_the_ledger(
    rows: Session, cast: Cast, three: Referral, acting: Acting, asking: Asking,
    client_for: Callable[[User | None], Client],
) -> None:  # fmt: skip
    reference = tell(acting, cast, three)
    address = f"/triage/{three.reference}/told/{reference}/withdraw"
    client = client_for(cast.coordinator)
    assert client.submit(address, {}).status_code == 422
    assert client.submit(address, {"reason": "Wrong team"}).status_code == 303
    assert client_for(cast.nurse).get(f"/told/{reference}").status_code == 404
    with asking(cast.nurse) as session:
        assert not session.scalars(select(Child)).all()
    owed = rows.scalars(select(Deadline).filter_by(kind=DeadlineKind.RECEIPT)).one()
    assert owed.state == DeadlineState.CANCELLED


def test_governance_sees_that_it_was_told_without_the_words(
    cast: Cast, three: Referral, acting: Acting, client_for: Callable[[User | None], Client]
) -> None:
    reference = tell(acting, cast, three)
    page = client_for(cast.governance).soup(f"/told/{reference}").get_text()
    assert "To protect this child from harm" in page
    assert "new phone" not in page


def test_adding_a_team_to_the_case_is_a_choice_of_its_own(
    rows: Session, cast: Cast, three: Referral, acting: Acting, asking: Asking
) -> None:
    with acting(cast.coordinator) as actor:
        words = {
            subjects_of(referral=find_referral(actor=actor, reference=three.reference))[0].id: "Ada was seen."
        }
        decide(actor, three, DecisionOutcome.OPEN_CASE, about=[1], opening=opening(cast), words=words)
    tell(acting, cast, three)
    assert not rows.scalars(select(Involvement).filter_by(team_id=cast.health_team.id)).all()
    with acting(cast.coordinator) as actor:
        referral = find_referral(actor=actor, reference=three.reference)
        case, name = decisions.cases_of(referral=referral)[0]
        assert name == "Ada Fictional"
        team = db.session.get_one(Team, cast.health_team.id)
        with pytest.raises(NamesOthers):
            decisions.join(actor=actor, referral=referral, case=case, team=team, reason="Knows Cleo")
        for _ in range(2):
            decisions.join(actor=actor, referral=referral, case=case, team=team, reason="School nurse")
    assert len(rows.scalars(select(Involvement).filter_by(team_id=cast.health_team.id)).all()) == 1
    with asking(cast.nurse) as session:
        seen = everything(session)
    assert "Ada was seen." in seen
    for trace in TRACES:
        assert trace not in seen, f"the nurse can read “{trace}”"
