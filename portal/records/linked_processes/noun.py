"""What linked processes plug into the rest."""

from collections.abc import Collection
from uuid import UUID

from portal.access.principal import Principal
from portal.records.cases.model import Case
from portal.records.linked_processes.effects import give_processes_to_named, strategy_held
from portal.records.people.model.people import User
from portal.registry import Noun


def _give_to_named(*, actor: Principal, case: Case, named: Collection[UUID], person: User) -> None:  # noqa: ARG001  # whoever seals
    give_processes_to_named(case=case, named=named, person=person)


NOUN = Noun(meeting_held=strategy_held, case_sealing=_give_to_named)
