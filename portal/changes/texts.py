"""What a text, or a time that is said, must be, for whoever calls a service without a form."""

from datetime import date, datetime

from portal import clock
from portal.changes.errors import DomainError
from portal.policy import Size, current_policy


def require_text(text: str, missing: str, *, field: str | None = None, size: Size | None = None) -> str:
    """A text that has to be given, without the blanks around it.

    Args:
        missing: what is asked for, said where there is nothing but blanks.
        field: the field of the form.
        size: how long it may be, where that is not the form's alone to say.

    Raises:
        DomainError: there is none, or it is too long.
    """
    text = text.strip()
    if not text:
        raise DomainError(missing, field=field)
    if size is not None:
        check_length(text, field, size)
    return text


def check_length(text: str, field: str | None, size: Size = Size.NOTE) -> None:
    """Words have room, but not without end: policy ``texts`` says how much.

    Raises:
        DomainError: they are too long.
    """
    over = len(text) - current_policy().texts.most(size)
    if over > 0:
        raise DomainError(f"Shorten this by {over:,} characters", field=field)


def check_past(said: date | datetime, why_not: str, *, field: str) -> None:
    """Go on only with a day that is past, or today; or with a time that is past.

    Raises:
        DomainError: it is to come, as `why_not` says.
    """
    if said > (clock.now() if isinstance(said, datetime) else clock.today()):
        raise DomainError(why_not, field=field)
