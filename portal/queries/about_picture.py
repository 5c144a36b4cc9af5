"""The records of the local picture, to be named in a list: missing children, concerns, processes, panels."""

from collections.abc import Mapping
from uuid import UUID

from portal.queries.about_columns import Columns, Lookup, columns
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.linked_processes.model import LinkedProcess
from portal.records.missing.model import MissingEpisode, MissingPrompt
from portal.records.orders.model import ConcernOrder
from portal.records.panels.model import PanelItem
from portal.records.places.model.directory import DirectoryEntry
from portal.records.return_interviews.model import ReturnInterview


def _missing(ids: list[UUID]) -> Columns:
    """Of a child who is held closely whoever recorded an episode is shown its reference alone."""
    return (
        columns("missing_episode", MissingEpisode.id, MissingEpisode.reference)
        .outerjoin(Child, Child.id == MissingEpisode.child_id)
        .where(MissingEpisode.id.in_(ids))
    )


def _missing_prompts(ids: list[UUID]) -> Columns:
    return (
        columns("missing_prompt", MissingPrompt.id, MissingPrompt.reference)
        .outerjoin(Child, Child.id == MissingPrompt.child_id)
        .where(MissingPrompt.id.in_(ids))
    )


def _interviews(ids: list[UUID]) -> Columns:
    return (
        columns("return_interview", ReturnInterview.id, ReturnInterview.reference)
        .join(Child, Child.id == ReturnInterview.child_id)
        .where(ReturnInterview.id.in_(ids))
    )


def _panel_items(ids: list[UUID]) -> Columns:
    return (
        columns("panel_item", PanelItem.id, PanelItem.reference)
        .outerjoin(Child, Child.id == PanelItem.child_id)
        .where(PanelItem.id.in_(ids))
    )


def _orders(ids: list[UUID]) -> Columns:
    return (
        columns("concern_order", ConcernOrder.id, ConcernOrder.reference, named=False, words=Concern.name)
        .join(Concern, Concern.id == ConcernOrder.concern_id)
        .where(ConcernOrder.id.in_(ids))
    )


def _concerns(ids: list[UUID]) -> Columns:
    return columns("concern", Concern.id, Concern.reference, named=False, words=Concern.name).where(
        Concern.id.in_(ids)
    )


def _contacts(ids: list[UUID]) -> Columns:
    return columns("directory_entry", DirectoryEntry.id, None, named=False, words=DirectoryEntry.name).where(
        DirectoryEntry.id.in_(ids)
    )


def _linked(ids: list[UUID]) -> Columns:
    return (
        columns("linked_process", LinkedProcess.id, LinkedProcess.reference)
        .join(Child, Child.id == LinkedProcess.child_id)
        .where(LinkedProcess.id.in_(ids))
    )


OF_THE_PICTURE: Mapping[str, Lookup] = {
    "linked_process": _linked,
    "missing_episode": _missing,
    "missing_prompt": _missing_prompts,
    "panel_item": _panel_items,
    "concern": _concerns,
    "concern_order": _orders,
    "directory_entry": _contacts,
    "return_interview": _interviews,
}
