"""Words about a child that look like an address, phone or school that must not be disclosed are asked about.

Free text cannot be held back by rule (ADR 34). A step stops whoever typed such words and asks why they may
stand: the page comes back with all that was typed, and the answer is kept. What is held is compared in the
database, so that nobody learns more than they typed.
"""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from flask import g, request
from flask_wtf import FlaskForm
from markupsafe import Markup
from sqlalchemy import TextClause, text
from wtforms import Field

from portal.access import audit
from portal.access.principal import optional
from portal.changes.errors import DomainError
from portal.extensions import db
from portal.pathway.references import read_reference
from portal.vocabulary import StatementKind
from portal.web.fields import LongText, Text

_LOOKS = text("select distinct kind from ctx.looks_held(:references, :words) order by kind")
_NAME_LOOKS = text("select distinct kind from ctx.looks_held(:references, :words, true) order by kind")
_STANDS = text("select ctx.let_words_stand(:references, :words, :page, :reason)")


class WhyForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF carries no types
    """Why such words may stand: beside the fields of the form that was sent."""

    class Meta:
        """It stands within another form, which has the token."""

        csrf = False

    held_because = LongText(
        "Why may these words stand?",
        hint="Take out what must not be disclosed, or say why everybody who reads this may see it. "
        "Your answer stays on record.",
        rows=2,
    )


class LooksHeld(DomainError):
    """Words look like something that must not be disclosed, and nobody has said why they may stand."""

    def __init__(self, message: str, kinds: list[str], *, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.kinds = kinds


def check_words(form: FlaskForm, *, beside: Mapping[str, str] | None = None, of: Iterable[str] = ()) -> None:
    """Go on only if no text of a form looks like what must not be disclosed of the children of its page, or
    somebody says why it may stand.

    Args:
        beside: what the step sends on with it, typed before and elsewhere, by what the place is called.
        of: records whose children it is about too, where the address of the page does not name them.

    Raises:
        LooksHeld: one does; `field` says which, where it stands in the form.
    """
    references = sorted({*_references(), *of})
    typed = {one.short_name: str(one.data) for one in _texts(form)}
    before = beside or {}
    words = "\n".join([*typed.values(), *before.values()])
    if not references or not words or not (kinds := _looks(references, words)):
        return
    why = WhyForm()
    if because := str(why.held_because.data or "").strip():
        said = {"words": words, "page": str(request.endpoint), "reason": because}
        db.session.execute(_STANDS, {"references": references, **said})
        audit.record("held_words:stand", kinds=kinds)
        return
    g.held_words = why
    for field, one in typed.items():
        if found := _looks(references, one):
            audit.record("held_words:ask", kinds=found, field=field)
            raise LooksHeld(
                f"This looks like {_held(found)}. Take it out, or say why it may stand", found, field=field
            )
    where = [place for place, one in before.items() if _looks(references, one)]
    if not where:  # the end of one text and the beginning of the next, which nobody wrote together
        return
    audit.record("held_words:ask", kinds=kinds, field="")
    raise LooksHeld(
        f"What stands under {' and '.join(f'“{one}”' for one in where)} looks like {_held(kinds)}. "
        "Take it out there first, or say here why it may stand",
        kinds,
    )


def refuse_name(name: str, *, of: str = "Its name") -> None:
    """Go on only if what somebody called a file does not look like what must not be disclosed of the children
    of the page: it is shown wherever the file is. It can be called something else.

    Args:
        of: whose name it is, as a sentence begins.

    Raises:
        LooksHeld: it does.
    """
    references = sorted(_references())
    if references and (kinds := _looks(references, name.replace("_", " "), _NAME_LOOKS)):
        raise LooksHeld(
            f"{of} looks like {_held(kinds)}. Give the file another name, and add it again",
            kinds,
            field="file",
        )


def _held(kinds: list[str]) -> str:
    what = " or ".join(StatementKind(one).label.lower() for one in kinds)
    return f"the child’s {what}, which must not be disclosed"


def question(action: str) -> Markup:
    """The question why such words may stand, within the form that was sent; nothing where it is not asked."""
    why = g.get("held_words")
    is_sent = urlsplit(action).path in {"", request.path}
    return why.held_because() if why is not None and is_sent else Markup("")


def _looks(references: list[str], words: str, asked: TextClause = _LOOKS) -> list[str]:
    return list(db.session.scalars(asked, {"references": references, "words": words}))


def _references() -> Iterator[str]:
    """The records that the address of a page names."""
    for value in (request.view_args or {}).values():
        if isinstance(value, str) and (found := read_reference(value)):
            yield found


def _texts(form: FlaskForm) -> Iterator[Field]:
    """What somebody wrote. A form that enters what is held back, or lets it be seen, does not ask; nor is it
    asked of one's own name and agency, as the portal fills it in and says beside all that one records.
    """
    if getattr(form, "states_what_is_held", False):
        return
    person = optional()
    signed = f"{person.name}, {person.agency_name}" if person else ""
    for one in form:
        if (
            isinstance(one, LongText | Text)
            and one.data
            and str(one.data).strip() != signed
            and any(character.isalnum() for character in str(one.data))
        ):
            yield one
