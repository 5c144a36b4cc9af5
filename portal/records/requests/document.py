"""What agencies answered, as documents say it."""

from collections.abc import Iterable
from typing import Any

from portal.documents import blocks
from portal.documents.blocks import Block
from portal.records.requests.presenter import held_answer, who_reads
from portal.web.filters import moment


def answer_blocks(answer: Any) -> Iterable[Block]:
    """What an answer says, by whom, and who else may read it."""
    if answer.held_back:
        yield from blocks.words(held_answer(answer))
    else:
        yield from blocks.words("Nothing held." if answer.nothing_held else answer.text)
    read_by = "" if answer.nothing_held else f" For: {who_reads(answer)}."
    yield from blocks.note(f"{answer.author}, {answer.agency}, {moment(answer.answered_at)}.{read_by}")
