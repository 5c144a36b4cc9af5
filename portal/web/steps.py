"""A step on a record: a page with a form and a button, and the service that it asks.

`take` is the one way to write such a view: it shows the form, lets the service act on it, goes on to where
the step leads, and shows what the service refused with all that was typed. A page that is no more than
heading, form and button has no template of its own: it is `layouts/step.html`, which says what `Words` say.
Where steps on one kind of record share how it is shown and given to services, `StepsOn` says that once.

`do_each` takes one step on several records that were ticked in a table, each by itself, and says what was
not done; `autosave` saves what is being typed, in the background of a page where several may write.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from flask import Response, flash, make_response, render_template
from flask_wtf import FlaskForm

from portal.access.principal import current
from portal.changes.errors import Conflict, DomainError, NotFound, Versions
from portal.pathway.characters import whole_number
from portal.web.choices import OfferingForm
from portal.web.conflict import VERSION, Difference
from portal.web.error_summary import lay_out
from portal.web.fields import Checkboxes, one_of
from portal.web.held_words import check_words
from portal.web.idempotency import attempt
from portal.web.page import render, see_other

#: The page of a step that has no template of its own.
TEMPLATE = "layouts/step.html"


class Link(NamedTuple):
    """Where somebody may go."""

    href: str
    text: str


class SecondButton(NamedTuple):
    """Another button of the form of a step: what the form says of itself where that was pressed."""

    text: str
    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the page of a step says.

    Attributes:
        heading: what the step is.
        button: what it does.
        title: the title of the page, where it is not the heading.
        caption: above the heading, what the step is on; else `caption` of the page.
        back: the way back; else `back` of the page.
        about: a template with what the step is on, above the paragraphs.
        lead: paragraphs above the form.
        small: a paragraph between the form and its button.
        above: a template with what stands above the form, where that is more than paragraphs.
        warns: whether the button undoes or ends what cannot be brought back.
        nothing: what stands in the place of a form that has nothing to choose from.
        second: another button of the form, beside the first.
        instead: what somebody may do instead, and where.
    """

    heading: str
    button: str = "Save"
    title: str = ""
    caption: str = ""
    back: Link | None = None
    about: str = ""
    lead: Sequence[str] = ()
    small: str = ""
    above: str = ""
    warns: bool = False
    nothing: str = ""
    second: SecondButton | None = None
    instead: Link | None = None


class Step(NamedTuple):
    """Whether it was done, what the service gave, and what it refused."""

    done: bool
    result: Any = None
    problem: DomainError | None = None


Side = dict[str, Any]


def carry_out(
    form: FlaskForm,
    act: Callable[[], Any],
    *,
    worded: Callable[[Side], Side] | None = None,
    sends: Callable[[], Mapping[str, str]] = dict,
    about: Iterable[str] = (),
) -> Step:
    """Let a service act on a form that was sent and is right; undo what it wrote if it refuses.

    Words that look like what must not be disclosed of a child are asked about first (`held_words`).

    Args:
        worded: puts a side of a conflict into the words of the page, where the labels of the form do not.
        sends: what goes on with it that was typed before and elsewhere, by what the place is called.
        about: records whose children it is about too, where its address does not name them.
    """
    if not form.validate_on_submit():
        return Step(False)
    try:
        check_words(form, beside=sends(), of=about)
        with attempt():
            return Step(True, act())
    except DomainError as problem:
        if worded and isinstance(problem, Conflict):
            return Step(False, problem=problem.reworded(worded))
        return Step(False, problem=problem)


def take(
    form: FlaskForm,
    act: Callable[[], Any],
    *,
    to: str | Callable[[Any], str],
    page: Callable[[], dict[str, Any]] = dict,
    done: str | Callable[[Any], str] = "",
    says: Words | Callable[[], Words] | None = None,
    template: str = TEMPLATE,
    worded: Callable[[Side], Side] | None = None,
    sends: Callable[[], Mapping[str, str]] = dict,
    about: Iterable[str] = (),
    **more: Any,
) -> Response:
    """Show the page of a step; take it when its form was sent, and go on to where it leads.

    Where somebody else changed the record meanwhile, the page says what it says now beside what was typed,
    and its form has seen both (`portal.web.conflict`).

    Args:
        form: as the step is asked for, with the version that was seen where it has one.
        act: asks the service, once the form was sent and is right.
        to: where the step leads, or a function of what the service gave.
        page: what the page shows of the record; asked only when it is shown, because looking goes on record.
        done: what the next page says, or a function of what the service gave.
        says: the words of a page without a template of its own; a function where they depend on what the
            record says after a refusal.
        template: its own template, where it has one.
        worded, sends, about: as of `carry_out`.
        more: what this template needs besides.
    """
    step = carry_out(form, act, worded=worded, sends=sends, about=about)
    if step.done:
        said = done(step.result) if callable(done) else done
        return see_other(to(step.result) if callable(to) else to, done=said)
    context = page() | more
    if says is not None:
        context |= {"says": says() if callable(says) else says, "parts": lay_out}
    return render(template, **context, form=form, problem=step.problem)


@contextmanager
def flashing(done: str) -> Iterator[None]:
    """Say on the next page that it is `done`, or what a service refused, of which nothing is kept."""
    try:
        with attempt():
            yield
    except DomainError as refused:
        flash(refused.message, "problem")
    else:
        flash(done)


Of = TypeVar("Of")


@dataclass(frozen=True)
class StepsOn(Generic[Of]):
    """The steps on one kind of record.

    Attributes:
        given: the record by the names by which services take it.
        page: what the page of a step shows of it, as of `take`.
        to: where a step leads, unless it says otherwise.
        worded, about: as of `carry_out`, for a record.
    """

    given: Callable[[Of], dict[str, Any]]
    page: Callable[[Of], dict[str, Any]]
    to: Callable[[Of], str]
    worded: Callable[[Of], Callable[[Side], Side]] | None = None
    about: Callable[[Of], Iterable[str]] = lambda _on: ()

    def take(
        self,
        on: Of,
        form: FlaskForm,
        act: Callable[..., Any],
        says: Words | Callable[[], Words] | None = None,
        *,
        page: Callable[[], dict[str, Any]] | None = None,
        done: str | Callable[[Any], str] = "Saved",
        to: str | Callable[[Any], str] = "",
        **more: Any,
    ) -> Response:
        """Take a step on a record, as `take` does.

        Args:
            act: the service with what the form says. It is given besides who acts, the record and, where the
                form has one, the version that was seen.
            page: what the page shows, where that is another than those of the other steps.
        """

        def ask() -> Any:
            seen = {VERSION: form.seen_version} if VERSION in form else {}
            return act(actor=current(), **self.given(on), **seen)

        return take(
            form,
            ask,
            says=says,
            page=page or (lambda: self.page(on)),
            to=to or self.to(on),
            done=done,
            worded=self.worded(on) if self.worded else None,
            about=self.about(on) if form.is_submitted() else (),
            **more,
        )


#: So many at once; more are another step.
MOST = 100


class ChosenForm(OfferingForm):
    """What was ticked: a reference each, with the version that was seen where the record has one (`REF.3`).

    What is no longer offered is not refused here: whoever ticked it is told what became of it.
    """

    chosen = Checkboxes("Which?", validators=[one_of("Tick at least one")], validate_choice=False)


@dataclass
class Outcome:
    """What became of each: how many were done, and which were not and why."""

    done: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def code_of(reference: str, version: int | None = None) -> str:
    """What the box of a record says."""
    return reference if version is None else f"{reference}.{version}"


def do_each(chosen: Sequence[str], act: Callable[[str, int], Any]) -> Outcome:
    """Do it to each by itself: one that is refused keeps no other from being done.

    Args:
        chosen: the boxes that were ticked, as `code_of` gives them.
        act: does it to the record of a reference, as it was seen in that version (0 for none), or raises
            a DomainError that says why not.
    """
    outcome = Outcome()
    for code in dict.fromkeys(chosen[:MOST]):
        reference, _, version = code.partition(".")
        try:
            with attempt():
                act(reference, whole_number(version))
        except NotFound:
            outcome.refused.append((reference, "It is not there, or no longer yours to see"))
        except DomainError as problem:
            outcome.refused.append((reference, problem.message))
        else:
            outcome.done += 1
    outcome.refused += [(code.partition(".")[0], f"Only {MOST} at once") for code in chosen[MOST:]]
    return outcome


def autosave(
    save: Callable[[], int],
    *,
    differences: Callable[[Versions], Sequence[Difference]],
    stands: Callable[[], int],
    keep: str,
    write: str,
    heading: str = "Somebody else wrote in the same part",
) -> Response:
    """Save what is being typed; where somebody else wrote in the same place meanwhile, show both.

    Args:
        save: asks the service, and gives the number of this saving.
        differences: in what the two met, in words.
        stands: the number of the saving that stands after a conflict.
        keep: where what was typed here is saved by hand.
        write: where one writes on from what the other wrote.
    """
    try:
        with attempt():
            number = save()
    except Conflict as clash:
        both = {"heading": heading, "differences": differences(clash.versions), "number": stands()}
        return make_response(render_template("layouts/clash.html", **both, keep=keep, write=write), 409)
    return Response(status=204, headers={"X-Version": str(number)})
