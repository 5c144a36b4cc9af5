"""Who agrees to a plan."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """Whether the child and the carer agree to a plan; where one does not, `…_words` say why."""

    child: bool
    carer: bool
    child_words: str = ""
    carer_words: str = ""
