"""Requests that carry files: held in memory, bounded, and refused unread where they say they are larger;
and answers that are saved, or drawn as a picture: what is in them never runs on the portal's own address.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import wraps
from time import monotonic
from typing import Any, TypeVar

from flask import Response, current_app, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from portal.access import audit
from portal.changes.errors import DomainError
from portal.extensions import csrf
from portal.files.scanner import Scanner
from portal.files.taken import shown_name
from portal.model import new_id
from portal.records.attachments.adding import HARMFUL, SentFile
from portal.records.attachments.model import Attachment
from portal.records.attachments.reading import of_email
from portal.records.attachments.vocabulary import AttachmentState, FileKind
from portal.records.entries.presenter.words import left_out_words
from portal.web import idempotency, refused_data
from portal.web.held_words import LooksHeld, refuse_name
from portal.web.idempotency import attempt

#: Even a browser that shows it after all lets it do nothing, and counts it as from nowhere.
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


def as_download(content: bytes, *, name: str, media_type: str) -> Response:
    """A file to save.

    Args:
        name: made of a reference; never what somebody called it.
        media_type: what it is by its content.
    """
    response = as_picture(content, media_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def as_picture(content: bytes, *, media_type: str) -> Response:
    """A picture for a page of the portal."""
    response = Response(content, mimetype=media_type)
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


View = TypeVar("View", bound=Callable[..., Any])

#: What a script calls a sending: not the plain mark of one that does not say to which a file belongs.
_SENDING = re.compile("[0-9a-f]{32}")

#: What a form has beside its file, bytes.
_AROUND = 64 * 1024
_MEGABYTE = 1024 * 1024


#: Seconds after which no further file of one form is begun; what was added before stays.
_PATIENCE = 20


@dataclass(frozen=True)
class RefusedFile:
    """A file that was not added, and why."""

    name: str
    why: str


@dataclass
class Done:
    """What became of the files of one form."""

    added: list[Attachment] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)

    @property
    def words(self) -> str:
        """What was added, without a name."""
        number, left_out = len(self.added), left_out_words(sum(one.left_out for one in self.added))
        what = "Added" if number == 1 else f"{number} files added"
        return f"{what}. {left_out}: open the e-mail to see why" if left_out else what


class TooLarge(DomainError):
    """A file that is larger than the portal takes."""

    status = 413


def takes_file(view: View) -> View:
    """Let a view take files, whose form `files_sent` then reads. Goes below `@allow`.

    The form's token is checked here, not before: to find it the whole request is read, and one that is too
    large is not.
    """

    @wraps(view)
    def bounded(**parts: Any) -> Any:
        if request.method == "POST":
            request.max_content_length = current_app.config["ATTACHMENT_BYTES"] + _AROUND
            try:
                csrf.protect()
                if (unreadable := refused_data.refuse_unreadable_form()) is not None:
                    return unreadable
                if (again := idempotency.begin()) is not None:
                    return again
            except RequestEntityTooLarge:
                g.too_large = True
        return view(**parts)

    csrf.exempt(bounded)
    idempotency.later(bounded)
    return bounded  # type: ignore[return-value]  # as wraps() promises


def came_in_full() -> bool:
    """Whether there is a form to read: it was posted, and was not refused for its size."""
    return request.method == "POST" and not g.get("too_large")


def files_sent(chosen: Sequence[Any] | None) -> Iterator[SentFile]:
    """The files of a form, each read when its turn comes.

    Args:
        chosen: the data of its field.

    Raises:
        DomainError: there is none, or they are too large; `field` is `file`.
    """
    most = current_app.config["ATTACHMENT_BYTES"]
    words = f"A file must be smaller than {most // _MEGABYTE} MB, and so must all that are sent in one go"
    if g.get("too_large"):
        raise TooLarge(words, field="file")
    sent = [one for one in chosen or () if getattr(one, "filename", "")]
    if not sent:
        raise DomainError("Choose a file", field="file")
    contents = ((one.filename, one.stream.read(most + 1)) for one in sent)
    for name, content in contents:
        if len(content) > most:
            raise TooLarge(words, field="file")
        yield SentFile(name, content, scanner())


def one_of_several() -> bool:
    """Whether a script sends the chosen files one by one, and shows itself what became of each."""
    return request.method == "POST" and bool(request.headers.get("X-One-File"))


def this_sending() -> str:
    """What is the same for all files that somebody chose at once: they come in one form, or one by one from a
    script that says of each to which sending it belongs.
    """
    said = request.headers.get("X-One-File", "")
    if not _SENDING.fullmatch(said):
        said = g.setdefault("sending", str(new_id()))
    return said


def scanner() -> Scanner | None:
    """Who looks for viruses here; None where nobody does."""
    address = current_app.config["CLAMAV_ADDRESS"]
    return Scanner(address, current_app.config["CLAMAV_TIMEOUT"]) if address else None


def largest() -> str:
    """How large a file may be, in words."""
    return f"{current_app.config['ATTACHMENT_BYTES'] // _MEGABYTE} MB"


def add_each(
    chosen: Sequence[Any] | None, add: Callable[[SentFile], Attachment], *, shows_names: bool = True
) -> Done:
    """Add each file of a form by itself: one that is refused keeps no other out.

    Args:
        shows_names: what somebody called a file is shown, and asked about where it holds what is held back.

    Raises:
        DomainError: as for `files_sent`.
    """
    done, until = Done(), monotonic() + _PATIENCE
    for file in files_sent(chosen):
        try:
            if monotonic() > until:
                raise DomainError("There was no time left for this file. Add it again", field="file")
            if shows_names:
                refuse_name(file.name)
            with attempt():
                added = add(file)
                for one in of_email(email=added):
                    refuse_name(one.name, of="The name of a file in this e-mail")
        except DomainError as refused:
            if isinstance(refused, LooksHeld):
                audit.record("held_words:ask", kinds=refused.kinds, field="file")
            done.refused.append(RefusedFile(shown_name(file.name, FileKind.UNKNOWN), refused.message))
        else:
            if added.state == AttachmentState.REFUSED:
                done.refused.append(RefusedFile(added.name, HARMFUL))
            else:
                done.added.append(added)
    return done
