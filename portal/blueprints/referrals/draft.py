"""A draft as its pages need it: the page one is on, its place among the others, and where to go next."""

import secrets
from dataclasses import dataclass
from typing import Any

from flask import abort, request, url_for

from portal.access import principal
from portal.changes.errors import Conflict
from portal.pathway.characters import whole_number
from portal.policy import current_policy
from portal.policy.terms import ContactKind
from portal.records.referrals import reading as referrals
from portal.records.referrals.drafts import Seen, typed_of, typed_pages
from portal.records.referrals.forms.base import LINE
from portal.records.referrals.forms.pages import (
    FormSetting,
    FormStep,
    ListsPage,
    Page,
    Reading,
    Typed,
    differences,
    has_answers,
    read,
    steps_for,
)
from portal.records.referrals.model import Referral
from portal.vocabulary import SubjectKind

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
