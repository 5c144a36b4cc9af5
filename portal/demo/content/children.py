"""The children, and what agencies say of them: invented names, numbers of test ranges, no real place."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.demo.content import acting
from portal.demo.content.acting import Described, Stage, nhs_numbers, pupil_numbers, reread
from portal.extensions import db
from portal.policy import current_policy
from portal.records.children.model import Child
from portal.records.children.recording import Identity, create_child, propose_identity
from portal.records.children.records import add_alias, add_identifier, add_status, end_status, link_children
from portal.records.children.statements import Said, add_statement
from portal.records.people.model import Agency
from portal.vocabulary import Answer, StatementKind

#: How long before its case the record of a child was started.
_BEFORE_CASE = timedelta(minutes=12)

#: Columns of the record that the files may set as they are.
_RECORD = (
    *("sex", "gender", "pronouns", "ethnicity", "religion", "first_language", "interpreter_needed"),
    *("nationality", "immigration", "disabilities", "send", "ehcp", "eligibility_basis", "district"),
    *("eligibility_reason", "communication_needs", "preferred_contact", "host_authority"),
)


def write(stage: Stage, children: Sequence[Described]) -> dict[str, UUID]:
    """Start the record of each child as the coordinator who opens the case.

    Gives them by their name in the files.
    """
    numbers = nhs_numbers()
    return {one["id"]: _start(stage, one, next(numbers)) for one in children}


def link(stage: Stage, children: Sequence[Described], known: Mapping[str, UUID]) -> None:
    """Link the records that turned out to be of one child."""
    for one in children:
        for other, at, reason in one.get("linked_to", ()):
            with stage.acting(opener(one), stage.ago(at)) as actor:
                link_children(
                    actor=actor,
                    child=reread(Child, known[one["id"]]),
                    other=reread(Child, known[other]),
                    reason=reason,
                )


def opener(one: Described) -> str:
    """The coordinator who opened the case."""
    who: str = one["case"].get("opener", "cora-inglewood")
    return who


def say(stage: Stage, one: Described, child_id: UUID) -> None:
    """Let the agencies on the case add what they know of who the child is and where they live."""
    upn = pupil_numbers()
    for who, at, part in _said(one):
        with stage.acting(who, stage.ago(at)) as actor:
            _add(actor, reread(Child, child_id), part, next(upn))


def _start(stage: Stage, one: Described, number: str) -> UUID:
    with stage.acting(opener(one), stage.ago(one["case"]["opened"]) - _BEFORE_CASE) as actor:
        given, family = one["name"]
        district = one.get("district")
        record = {key: one[key] for key in _RECORD if key in one}
        child = create_child(
            actor=actor,
            given_name=given,
            family_name=family,
            dob=acting.born(one["age"], stage.now.date()) if "age" in one else None,
            dob_is_estimate=one.get("estimated", False),
            nhs_number=number if one.get("nhs_number", True) else None,
            record=record | {"responsible_authority": current_policy().authority_of(district)},
            care_experienced=Answer.YES if one.get("care_experienced") else Answer.NOT_KNOWN,
        )
        return child.id


def _said(one: Described) -> Iterator[tuple[str, str, Described]]:
    """Who said what, and when: the oldest first."""
    for part in one.get("says", ()):
        yield part["by"], part.get("at", one["case"]["opened"]), part


def _add(actor: Principal, child: Child, part: Described, upn: str) -> None:
    match part["what"]:
        case "status":
            _add_status(actor, child, part)
        case "alias":
            add_alias(actor=actor, child=child, name=part["name"], kind=part["kind"])
        case "number":
            add_identifier(actor=actor, child=child, scheme=part["scheme"], value=part.get("value", upn))
        case "correction":
            wanted = Identity.of(child).as_json() | part["to"]
            propose_identity(
                actor=actor,
                child=child,
                version=child.version,
                identity=Identity.from_json(wanted),
                reason=part["reason"],
            )
        case kind:
            add_statement(actor=actor, child=child, said=_statement(StatementKind(kind), part))


def _add_status(actor: Principal, child: Child, part: Described) -> None:
    status = add_status(
        actor=actor,
        child=child,
        status=part["status"],
        starts_on=clock.today() - timedelta(days=part.get("days_before", 0)),
    )
    if part.get("ended"):
        end_status(actor=actor, child=child, status=status, ends_on=clock.today())


def _statement(kind: StatementKind, part: Described) -> Said:
    named = select(Agency.id).where(Agency.code.in_(part.get("named", ())))
    return Said(
        kind=kind,
        value=part["value"],
        code=part.get("code"),
        postcode=part.get("postcode"),
        detail=part.get("detail"),
        starts_on=clock.today() - timedelta(days=part.get("days_before", 0)),
        do_not_disclose=part.get("do_not_disclose", False),
        named_agencies=db.session.scalars(named).all(),
    )
