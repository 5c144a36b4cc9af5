"""Beginning a form: the advice to ring first, drafts to carry on with, and forms that came another way."""

import secrets
from dataclasses import dataclass
from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit, principal
from portal.access.guard import allow
from portal.blueprints.referrals import blueprint
from portal.changes.errors import Conflict, DomainError
from portal.pathway.characters import identifier, whole_number
from portal.pathway.references import Prefix, read_reference
from portal.policy import current_policy
from portal.policy.validators import ContactKind
from portal.records.referrals import reading as referrals
from portal.records.referrals.drafts import Seen, start_draft, typed_of, typed_pages
from portal.records.referrals.forms.base import LINE
from portal.records.referrals.forms.items import typed_child
from portal.records.referrals.forms.pages import (
    FormSetting,
    FormStep,
    ListsPage,
    Page,
    Reading,
    Typed,
    UrgencyForm,
    differences,
    has_answers,
    read,
    steps_for,
)
from portal.records.referrals.model import Referral
from portal.records.referrals.presenter import draft_rows
from portal.records.referrals.reading import CaseForForm
from portal.vocabulary import SubjectKind, Urgency
from portal.web.page import render, see_other

#: Answers after which the page that says whom to ring comes first.
RING_FIRST = frozenset({Urgency.IMMEDIATE, Urgency.SOON})


@blueprint.route("/share", methods=["GET", "POST"])
@allow("referral:write", shows="list")
def start() -> ResponseReturnValue:
    """How urgent is it? With the answer a draft begins."""
    form = UrgencyForm.of_posted(FormSetting(current_policy()), request.form)
    case = _case()
    problem: DomainError | None = None
    if request.method == "POST" and form.validate():
        try:
            draft = start_draft(
                actor=principal.current(),
                typed=_begin_with(form.typed, case),
                team_id=identifier(request.form.get("team")),
                from_case_id=case.id if case else None,
            )
        except DomainError as refused:
            problem = refused
        else:
            return see_other(_first_page(draft, form.urgency.data))
    return _show(form, case, problem)


@blueprint.route("/share/for-sender", methods=["GET", "POST"])
@allow("referral:triage", shows="list")
def start_for_sender() -> ResponseReturnValue:
    """A coordinator enters what reached the hub by phone, e-mail or paper."""
    person = principal.current()
    if request.method == "POST":
        draft = start_draft(actor=person, for_sender=True)
        return see_other(url_for("referrals.step", reference=draft.reference, step="sender"))
    audit.record("draft:list")
    rows = draft_rows(referrals.my_drafts(person=person), current_policy())
    return render("referrals/start_for_sender.html", drafts=rows, marking=bool(rows))


def _show(form: UrgencyForm, case: CaseForForm | None, problem: DomainError | None) -> ResponseReturnValue:
    person = principal.current()
    audit.record("draft:list", child_id=case.child_id if case else None, case_id=case.id if case else None)
    rows = draft_rows(referrals.my_drafts(person=person), current_policy())
    return render(
        "referrals/start.html",
        form=form,
        case=case,
        problem=problem,
        drafts=rows,
        teams=referrals.teams(ids=person.team_ids) if len(person.team_ids) > 1 else [],
        marking=bool(rows or case),
    )


def _case() -> CaseForForm | None:
    """The case that the form is begun from, if the person sees it."""
    reference = read_reference(request.values.get("case", ""), Prefix.CASE)
    return referrals.case_for_form(reference=reference) if reference else None


def _begin_with(urgency: Typed, case: CaseForForm | None) -> dict[str, Typed]:
    if case is None:
        return {"urgency": urgency}
    district = {"district": [case.district]} if case.district else {}
    about: Typed = {"kind": ["child"], **district}
    return {"urgency": urgency, "about": about, "children": {"children": [typed_child(case.child)]}}


def _first_page(draft: Referral, urgency: str) -> str:
    if urgency in RING_FIRST:
        return url_for("referrals.ring", reference=draft.reference)
    return url_for("referrals.step", reference=draft.reference, step="about")


# A draft as its pages need it: the page one is on, its place among the others, and where to go next.

#: Numbers to ring when it cannot wait.
RING = (
    *(ContactKind.EMERGENCY, ContactKind.NON_EMERGENCY, ContactKind.HUB),
    *(ContactKind.FRONT_DOOR, ContactKind.OUT_OF_HOURS),
)


@dataclass(frozen=True)
class Place:
    """A page in the list of all pages."""

    name: str
    title: str
    href: str
    current: bool
    answered: bool


@dataclass(frozen=True)
class Filling:
    """One page of one draft."""

    draft: Referral
    step: FormStep
    setting: FormSetting

    @property
    def steps(self) -> tuple[FormStep, ...]:
        """Every page of this draft."""
        return steps_for(for_sender=is_for_sender(self.draft))

    def kept(self) -> Page:
        """The page as it was last saved; a list begins with what the form is mainly about."""
        page = self.step.form(self.setting, typed_of(self.draft, self.step.name))
        return page.beginning_with(self._main_kind()) if isinstance(page, ListsPage) else page

    def posted(self) -> Page:
        """The page as the browser posted it."""
        return self.step.form.of_posted(self.setting, request.form)

    def next_url(self) -> str:
        """The page after this one; after the last, the page to check all answers on."""
        following = self.steps[self.steps.index(self.step) + 1 :]
        return self.url(following[0].name) if following else check_url(self.draft)

    def back_url(self) -> str:
        """The page before this one."""
        before = self.steps[: self.steps.index(self.step)]
        return self.url(before[-1].name) if before else url_for("referrals.start")

    def url(self, step: str) -> str:
        """The address of a page of this draft."""
        return url_for("referrals.step", reference=self.draft.reference, step=step)

    def context(self, page: Page, conflict: Conflict | None = None) -> dict[str, Any]:
        """What the template of the page reads."""
        return {
            "draft": self.draft,
            "step": self.step,
            "page": page,
            "number": self.steps.index(self.step) + 1,
            "places": self._places(),
            "back_url": self.back_url(),
            "page_name": secrets.token_urlsafe(9),
            "differences": self.differences(conflict) if conflict else [],
            "for_sender": is_for_sender(self.draft),
            "marking": True,
        }

    def differences(self, conflict: Conflict) -> Any:
        """Where the two versions of a conflict differ."""
        versions = conflict.versions
        return differences(self.step, self.setting, versions.theirs, versions.mine)

    def _places(self) -> list[Place]:
        return [
            Place(
                one.name,
                one.title,
                self.url(one.name),
                current=one == self.step,
                answered=has_answers(typed_of(self.draft, one.name)),
            )
            for one in self.steps
        ]

    def _main_kind(self) -> SubjectKind | None:
        code = next(iter(typed_of(self.draft, "about").get("kind", ())), None)
        found = self.setting.policy.referral.kinds.get(code)
        return found.subject if found else None


def opened(reference: str, step: str) -> Filling:
    """The page of an own draft; 404 when there is no such draft or page."""
    draft = referrals.my_draft(person=principal.current(), reference=reference) or abort(404)
    steps = {one.name: one for one in steps_for(for_sender=is_for_sender(draft))}
    return Filling(draft, steps.get(step) or abort(404), setting_of(draft))


def setting_of(draft: Referral) -> FormSetting:
    """Policy, and the agencies that a sender may be of where a form is entered for one."""
    return FormSetting(current_policy(), referrals.agencies() if is_for_sender(draft) else ())


def is_for_sender(draft: Referral) -> bool:
    """Whether a coordinator enters it for somebody else."""
    return bool(draft.answers.get("for_sender"))


def reading_of(draft: Referral) -> Reading:
    """Everything that a draft says, and what is wrong with it."""
    pages: dict[str, Typed] = typed_pages(draft)
    return read(pages, setting_of(draft), for_sender=is_for_sender(draft))


def seen() -> Seen:
    """What the posting page knew of the draft. “Keep what I typed” has seen the version it was shown."""
    version = whole_number(request.form.get("keep") or request.form.get("version"))
    return Seen(version, request.form.get("page", "")[:LINE])


def check_url(draft: Referral) -> str:
    """Where all answers are checked before sending."""
    return url_for("referrals.check", reference=draft.reference)
