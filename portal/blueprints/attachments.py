"""Files on records: adding them, opening them, and withdrawing them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import Facts, require
from portal.access.principal import current
from portal.blueprints.cases import own_entry
from portal.blueprints.meetings import running
from portal.changes.errors import DomainError
from portal.files.emails import Email
from portal.messages.told import take as who_was_told
from portal.model import Identified
from portal.records.attachments import adding
from portal.records.attachments import reading as attachments
from portal.records.attachments.forms import DraftFileForm, FileForm, MeetingFileForm, WithdrawFileForm
from portal.records.attachments.model import Attachment
from portal.records.attachments.scanning import open_file, show_on_page
from portal.records.attachments.vocabulary import FileKind
from portal.records.entries.presenter.words import file_items
from portal.records.missing import reading as missing
from portal.records.referrals import reading as referrals
from portal.records.requests import reading as requests
from portal.records.requests.answering import is_asked
from portal.web.fields import Choice
from portal.web.filters import moment
from portal.web.page import render, see_other
from portal.web.references import address_of
from portal.web.steps import Link, Words, take
from portal.web.uploads import (
    Done,
    add_each,
    as_download,
    as_picture,
    came_in_full,
    largest,
    one_of_several,
    scanner,
    takes_file,
    this_sending,
)

blueprint = Blueprint("attachments", __name__)

_PICTURE_SEEN = (
    "Whoever reads the episode sees the picture there, and not what you called the file. While the child is "
    "missing, the missing persons desks of the police, but for your own, hear at once that something was "
    "added, and in the portal whoever was told of the report and still reads it. No message shows the "
    "picture."
)


Add = Callable[[FileForm, adding.SentFile], Attachment]


@dataclass(frozen=True)
class Place:
    """A record to which files are added, as the page shows it."""

    form: FileForm
    title: str
    caption: str
    back: str  # the address of the record
    back_words: str
    action: str
    files: Callable[[], Sequence[Any]]
    add: Add
    record: Identified
    case_id: UUID | None = None
    child_id: UUID | None = None
    more: dict[str, Any] = field(default_factory=dict)


@blueprint.route("/share/<reference>/files", methods=["GET", "POST"])
@allow("referral:write", shows="referral")
@takes_file
def on_draft(reference: str) -> ResponseReturnValue:
    """Files on a form that is not sent yet."""
    draft = referrals.my_draft(person=current(), reference=reference) or abort(404)
    form = _form(DraftFileForm)
    return _page(
        Place(
            form=form,
            title="Files for the hub",
            caption=draft.reference,
            back=url_for("referrals.check", reference=draft.reference),
            back_words="Check your answers",
            action=url_for(".on_draft", reference=draft.reference),
            files=lambda: attachments.of_referral(referral_id=draft.id),
            add=lambda form, file: adding.add_to_draft(
                actor=current(),
                reference=draft.reference,
                file=file,
                shows_source=bool(form["shows_source"].data),
            ),
            record=draft,
            more={"draft": draft},
        )
    )


@blueprint.post("/share/<reference>/files/<file_reference>/take-out")
@allow("referral:write")
def take_out_of_draft(reference: str, file_reference: str) -> ResponseReturnValue:
    """Take a file out again, before the form is sent."""
    file = attachments.find_attachment(reference=file_reference) or abort(404)
    adding.take_out(actor=current(), reference=reference, attachment=file)
    return see_other(url_for(".on_draft", reference=reference), done="Taken out")


@blueprint.route("/cases/<reference>/entries/<uuid:entry_id>/files", methods=["GET", "POST"])
@allow("attachment:add", shows="case")
@takes_file
def on_entry(reference: str, entry_id: UUID) -> ResponseReturnValue:
    """Files on an entry of one's own agency."""
    case, entry = own_entry("attachment:add", reference, entry_id)
    return _page(
        Place(
            form=_form(FileForm),
            title="Files on an entry",
            caption=f"Case {case.reference}",
            back=url_for("cases.show", reference=case.reference, _anchor=f"entry-{entry.id}"),
            back_words=f"Case {case.reference}",
            action=url_for(".on_entry", reference=case.reference, entry_id=entry.id),
            files=lambda: attachments.of_entry(entry_id=entry.id),
            add=lambda _form, file: adding.add_to_entry(actor=current(), case=case, entry=entry, file=file),
            record=entry,
            case_id=case.id,
            child_id=case.child_id,
            more={"words": entry.text, "readers": "Whoever may read the entry sees its files."},
        )
    )


@blueprint.route("/requests/<reference>/answers/<uuid:answer_id>/files", methods=["GET", "POST"])
@allow("request:answer", shows="child")
@takes_file
def on_answer(reference: str, answer_id: UUID) -> ResponseReturnValue:
    """Files on what one's own agency answered."""
    asked = requests.find_request(reference=reference) or abort(404)
    require(current(), "request:answer", Facts(receiver=is_asked(current(), asked)))
    answer = attachments.find_answer(request_id=asked.id, answer_id=answer_id) or abort(404)
    return _page(
        Place(
            form=_form(FileForm),
            title="Files on your answer",
            caption=f"Question {asked.reference}",
            back=url_for("requests.show", reference=asked.reference, _anchor="answers"),
            back_words=f"Question {asked.reference}",
            action=url_for(".on_answer", reference=asked.reference, answer_id=answer.id),
            files=lambda: attachments.of_answers(answer_ids=[answer.id]),
            add=lambda _form, file: adding.add_to_answer(
                actor=current(), request=asked, answer=answer, file=file
            ),
            record=asked,
            case_id=asked.case_id,
            child_id=asked.child_id,
            more={"words": answer.text, "readers": "Whoever may read the answer sees its files."},
        )
    )


@blueprint.route("/meetings/<reference>/files", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
@takes_file
def on_meeting(reference: str) -> ResponseReturnValue:
    """Files on a meeting: on one of its children, or on the whole of it."""
    meeting, children, record = running(reference)
    form = _form(MeetingFileForm)
    read = [one for one in children if one.case_id and one.reference]
    offered = [Choice(str(one.case_id), f"{one.given_name} {one.family_name}") for one in read]
    form.offer("about", [*offered, Choice("all", "The meeting as a whole", hint="Whoever runs it sees it")])
    return _page(
        Place(
            form=form,
            title="Files on a meeting",
            caption=f"Meeting {meeting.reference}",
            back=url_for("meetings.show", reference=meeting.reference, _anchor="files"),
            back_words=f"Meeting {meeting.reference}",
            action=url_for(".on_meeting", reference=meeting.reference),
            files=lambda: attachments.of_meeting(meeting_id=meeting.id),
            add=lambda form, file: adding.add_to_meeting(
                actor=current(),
                meeting=record,
                case_id=None if form["about"].data == "all" else UUID(form["about"].data),
                file=file,
            ),
            record=record,
            more={"readers": "People who are only invited do not see the files of a meeting."},
        )
    )


@blueprint.route("/missing/<reference>/picture", methods=["GET", "POST"])
@allow("missing:change", shows="child")
@takes_file
def on_episode(reference: str) -> ResponseReturnValue:
    """A picture of a child who is missing, for whoever looks for them."""
    episode = missing.find_episode(reference=reference) or abort(404)
    return _page(
        Place(
            form=_form(FileForm),
            title="A picture of the child",
            caption=f"Missing episode {episode.reference}",
            back=url_for("missing.show", reference=episode.reference),
            back_words=f"Missing episode {episode.reference}",
            action=url_for(".on_episode", reference=episode.reference),
            files=lambda: attachments.of_episode(episode_id=episode.id),
            add=lambda _form, file: adding.add_picture(
                actor=current(), episode=episode, file=file, sending=this_sending()
            ),
            record=episode,
            child_id=episode.child_id,
            more={"readers": _PICTURE_SEEN, "pictures": True},
        )
    )


@blueprint.get("/missing/<reference>/picture/<file_reference>")
@allow("missing:view", shows="child")
def picture(reference: str, file_reference: str) -> ResponseReturnValue:
    """The picture that the page of an episode draws."""
    episode, file = missing.find_episode(reference=reference) or abort(404), _find(file_reference)
    if file.episode_id != episode.id:
        abort(404)
    content = show_on_page(actor=current(), attachment=file, scanner=scanner()) or abort(404)
    audit.record("attachment:look", file, child_id=episode.child_id)
    return as_picture(content, media_type=FileKind(file.kind).media_type)


def _form(kind: type[FileForm]) -> FileForm:
    """The form as it was sent, or an empty one where nothing could be read."""
    return kind() if came_in_full() else kind(formdata=None)


def _page(place: Place) -> ResponseReturnValue:
    if one_of_several():
        return _answer_script(place)
    if not place.form.is_submitted() or (came_in_full() and not place.form.validate()):
        return _show(place)
    try:
        done = _add_each(place)
    except DomainError as refused:  # there is none, or together they are too large
        return _show(place, refused)
    if not done.refused:
        flash(done.words)  # not their names: what is flashed travels in a cookie
        return see_other(place.action)
    if len(done.refused) == 1 and not done.added:
        return _show(place, DomainError(done.refused[0].why, field="file"))
    return _show(place, DomainError("Some files were not added. Below it says why", field="file"), done)


def _answer_script(place: Place) -> Response:
    """What became of the one file that a script sent, in plain words."""
    _record_look(place)
    if came_in_full() and not place.form.validate():
        return _plain(next(str(asked.errors[0]) for asked in place.form if asked.errors), 422)
    try:
        done = _add_each(place)
    except DomainError as refused:
        return _plain(refused.message, refused.status)
    if done.refused:
        return _plain(done.refused[0].why, 422)
    # It says itself who was told: the list that the script asks for next shows no banner.
    return _plain(". ".join(filter(None, (done.words, who_was_told()))), 200)


def _add_each(place: Place) -> Done:
    return add_each(
        place.form.file.data, partial(place.add, place.form), shows_names="pictures" not in place.more
    )


def _record_look(place: Place) -> None:
    audit.record("attachment:list", place.record, case_id=place.case_id, child_id=place.child_id)


def _plain(words: str, status: int) -> Response:
    return Response(words, status, mimetype="text/plain")


def _show(place: Place, problem: DomainError | None = None, done: Done | None = None) -> Response:
    _record_look(place)
    return render(
        "attachments/add.html",
        place=place,
        form=place.form,
        problem=problem,
        done=done,
        files=file_items(place.files()),
        largest=largest(),
        most=current_app.config["ATTACHMENT_BYTES"],
        scans=scanner() is not None,
        marking=True,
        **place.more,
    )


@blueprint.get("/files/<reference>/read")
@allow("attachment:view", shows="case")
def read_email(reference: str) -> ResponseReturnValue:
    """A saved e-mail as words, with what came with it."""
    file = _find(reference)
    if file.kind != FileKind.EMAIL:
        return redirect(url_for(".open_it", reference=reference))
    content = show_on_page(actor=current(), attachment=file, scanner=scanner())
    if content is None:
        return _shut(file)
    audit.record("attachment:read", file, case_id=file.case_id)
    return render(
        "attachments/email.html",
        file=file,
        email=Email.unpacked(content),
        back=_back(file),
        files=file_items(attachments.of_email(email=file)),
        marking=True,
    )


@blueprint.get("/files/<reference>")
@allow("attachment:view", shows="case", releases="export")
def open_it(reference: str) -> ResponseReturnValue:
    """What is in a file; where it stays shut, why."""
    file = _find(reference)
    content = open_file(actor=current(), attachment=file, scanner=scanner())
    if content is None:
        return _shut(file)
    kind = FileKind(file.kind)
    if kind is FileKind.EMAIL:
        email = Email.unpacked(content)
        content = email.as_text(moment(email.sent_at) if email.sent_at else "")
    return as_download(content, name=f"{file.reference}.{kind.ending}", media_type=kind.media_type)


def _shut(file: Attachment) -> Response:
    return render("attachments/shut.html", status=409, file=file, back=_back(file), marking=True)


@blueprint.route("/files/<reference>/withdraw", methods=["GET", "POST"])
@allow("attachment:withdraw", shows="case")
def withdraw_it(reference: str) -> ResponseReturnValue:
    """Hide a file, with a reason."""
    file, form = _find(reference), WithdrawFileForm()
    require(current(), "attachment:withdraw", adding.withdrawing_facts(current(), file))
    return take(
        form,
        lambda: adding.withdraw(actor=current(), attachment=file, reason=form.said("reason")),
        says=Words(
            heading="Withdraw a file",
            caption=file.reference,
            back=Link(_back(file), "Back"),
            about="attachments/_name.html",
            lead=[
                "Nobody can open it after that. Its name, who added it and when, and your reason stay. Copies"
                " that people have already taken stay with them; they are told that it is withdrawn."
            ],
            button="Withdraw this file",
            warns=True,
        ),
        page=lambda: _look(file),
        to=_back(file),
        done="You withdrew the file",
    )


def _look(file: Attachment) -> dict[str, Any]:
    audit.record("attachment:view", file, case_id=file.case_id)
    return {"file": file, "marking": True}


def _find(reference: str) -> Attachment:
    return attachments.find_attachment(reference=reference) or abort(404)


def _back(file: Attachment) -> str:
    """The page of the record that a file hangs on."""
    return address_of(attachments.place_of(attachment=file)) or url_for("home.index")
