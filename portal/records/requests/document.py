"""What agencies answered, as documents say it."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.documents import blocks
from portal.documents.blocks import Block
from portal.records.requests import reading
from portal.records.requests.presenter import held_answer, who_reads, whom
from portal.web.filters import day, moment


def answer_blocks(answer: Any) -> Iterable[Block]:
    """What an answer says, by whom, and who else may read it."""
    if answer.held_back:
        yield from blocks.words(held_answer(answer))
    else:
        yield from blocks.words("Nothing held." if answer.nothing_held else answer.text)
    read_by = "" if answer.nothing_held else f" For: {who_reads(answer)}."
    yield from blocks.note(f"{answer.author}, {answer.agency}, {moment(answer.answered_at)}.{read_by}")


def answers_on_case(
    *, case_id: UUID, level: int, without: Collection[UUID] = ()
) -> list[tuple[datetime, list[Block]]]:
    """The answers on a case that the reader may read, each with when it was given and what was asked.

    Args:
        without: questions whose answers stand elsewhere in the document.
    """
    asked = {one.id: one for one in reading.of_case(case_id=case_id) if one.id not in without}
    return [
        (answer.answered_at, [*_asked(asked[answer.request_id], answer, level), *answer_blocks(answer)])
        for answer in reading.answers_of(request_ids=list(asked))
    ]


def _asked(question: Any, answer: Any, level: int) -> Iterable[Block]:
    yield blocks.heading(f"{day(answer.answered_at)}: Answer of {whom(question)}", level)
    yield from blocks.labelled("Asked", question.question)
