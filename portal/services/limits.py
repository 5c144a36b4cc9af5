"""How long a text may be, for whoever calls a service without a form."""

from portal.policy import Size, current_policy
from portal.services.errors import DomainError


def check_length(text: str, field: str, size: Size = Size.NOTE) -> None:
    """Words have room, but not without end: policy ``texts`` says how much.

    Raises:
        DomainError: they are too long.
    """
    over = len(text) - current_policy().texts.most(size)
    if over > 0:
        raise DomainError(f"Shorten this by {over:,} characters", field=field)
