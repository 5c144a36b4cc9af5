"""Reading a page’s forms, and filling one in as a browser and a person would.

Whatever a page puts into a form is sent: hidden fields, versions and tokens too, those that are added later
included. What a person has to answer is answered by its kind: a sentence, a date, the first choice.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from portal import clock
from tests.attachments.specimens import pdf, picture
from tests.races.sending import Sent, Upload

#: What is typed where words are asked for. `{}` is the word by which a tab’s words are found again. The rest
#: is in no language: some of it becomes the name of a child, which no log of the run may hold.
WORDS = "Ossifrent {} dwimmelby"
Fill = str | list[str]
#: Instead of an answer: the first, or the last, of what there is to choose from.
FIRST, LAST = "(first)", "(last)"

_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]*)"')
_BOX = re.compile(r"-(day|month|year)$")
#: Lines in which people write what they like.
_FREE = re.compile(r"(^|[-_])(reason|name|words|heading|text|why|interviewer|person|what|title|role|about)$")


@dataclass
class Form:
    """A form of a page, as it stands there."""

    element: Tag
    address: str
    autosave: str = ""


def soup_of(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


def forms_of(text: str, at: str = "") -> list[Form]:
    """Every form that the page at an address posts. A page is long: only its forms are read."""
    found = []
    for block in _FORM.findall(text):
        one = soup_of(block).form
        if one is not None and str(one.get("method", "get")).lower() == "post":
            address = urljoin(at, str(one.get("action") or ""))
            found.append(Form(one, address, str(one.get("data-autosave") or "")))
    return found


def form_to(text: str, at: str, place: str) -> tuple[Form, bool] | None:
    """The form of a page that goes to `place`, and whether a script sends it there while somebody types, as a
    whole or one box of it.
    """
    for block in _FORM.findall(text):
        tag = block[: block.index(">")]
        if f'data-live-save="{place}"' in block:
            return replace(forms_of(block, at)[0], autosave=place), True
        if place.split("?", maxsplit=1)[0] not in tag and 'action=""' not in tag and 'action="?' not in tag:
            continue
        for form in forms_of(block, at):
            if urlsplit(form.address).path == place:
                return form, False
            if form.autosave and urlsplit(form.autosave).path == place:
                return form, True
    return None


def emptied(form: Form, sent: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """What a browser sends of a form in which nothing is answered: what is hidden, its button, empty boxes.

    Args:
        sent: what was to be sent of it, filled in.
    """
    kinds = {str(box["name"]): _kind(box) for box in _boxes(form.element)}
    return tuple(
        (name, value if kinds.get(name, "hidden") == "hidden" else "")
        for name, value in sent
        if kinds.get(name) not in {"radio", "checkbox"}
    )


def token_of(text: str) -> str:
    """The form token of a page."""
    found = _TOKEN.search(text)
    return found[1] if found else ""


def errors_of(page: BeautifulSoup) -> dict[str, str]:
    """The boxes that the error summary leads to, and what it says of each."""
    return {
        str(link["href"])[1:]: link.get_text(" ", strip=True)
        for link in page.select(".govuk-error-summary a[href^='#']")
    }


@dataclass(frozen=True)
class Typing:
    """What a tab types: the same form twice with two words is two people’s work.

    Args:
        word: stands in every sentence that this tab writes.
        fills: answers for fields that have a right one; `None` leaves a field out, `*-end` is every field
            whose name ends so.
        clicked: the name and value of the button, where they are not the first’s.
        rewrites: whether fields that hold something already are written anew.
    """

    word: str
    fills: Mapping[str, Fill | None] = field(default_factory=dict)
    clicked: str = ""
    rewrites: bool = True

    def fill(self, form: Form, *, to: str = "") -> Sent:
        """Fill a form in, which is sent to its own address or to `to`, by a script."""
        given: list[tuple[str, str]] = []
        fills = _named(self.fills, form.element)
        wanted = {name: value for name, value in fills.items() if value is not None}
        left_out = set(fills) - set(wanted)
        files: list[Upload] = []
        seen: set[str] = set()
        groups = _ticked(form.element)
        for box in _boxes(form.element):
            name, kind = str(box["name"]), _kind(box)
            if name in left_out or (name in seen and kind in {"radio"}):
                continue
            if kind == "file":
                if name in wanted:
                    files.append(self._choose(box, name))
                continue
            if name in wanted and kind != "hidden":
                if name not in seen:
                    given.extend((name, one) for one in self._answers(wanted[name], form.element, name))
                seen.add(name)
                continue
            if kind in {"radio", "checkbox"}:
                if name in groups:
                    if box.has_attr("checked"):
                        given.append((name, str(box.get("value", "on"))))
                        seen.add(name)
                elif kind == "radio":
                    given.append((name, str(box["value"])))
                    seen.add(name)
                continue
            seen.add(name)
            given.append((name, self._type(box, name, kind)))
        given.extend(
            (name, self._say(one))
            for name, answer in wanted.items()
            if name not in seen and name not in {one.name for one in files}
            for one in (answer if isinstance(answer, list) else [answer])
            if one not in {FIRST, LAST}
        )
        button = _button(form.element, self.clicked)
        if button is not None and not to:
            given.append(button)
        headers = (("X-Autosave", "1"),) if to else ()
        return Sent(to or form.address, tuple(given), tuple(files), headers)

    def _choose(self, box: Tag, name: str) -> Upload:
        """A document, or a picture where nothing else is taken; those of two tabs differ."""
        if ".pdf" in str(box.get("accept", ".pdf")):
            return Upload(name, f"{self.word}.pdf", pdf(marker=self.word))
        return Upload(name, f"{self.word}.jpg", picture(comment=self.word.encode()))

    def _answers(self, answer: Fill, element: Tag, name: str) -> list[str]:
        if answer in (FIRST, LAST):
            there = _choices(element, name)
            return there[:1] if answer == FIRST else there[-1:]
        return [self._say(one) for one in (answer if isinstance(answer, list) else [answer])]

    def _say(self, answer: str) -> str:
        return answer.replace("{word}", self.word)

    def _type(self, box: Tag, name: str, kind: str) -> str:
        value = value_of(box)
        if kind in {"hidden", "select"}:
            return value or (_first_option(box) if kind == "select" else "")
        if kind == "textarea":
            return WORDS.format(self.word) if self.rewrites or not value else value
        if _FREE.search(name) and kind == "text" and not (value and not self.rewrites):
            return WORDS.format(self.word)
        if value or _optional(box) or not _BOX.search(name):
            return value
        return str(getattr(clock.today(), name.rpartition("-")[2]))


def _named(fills: Mapping[str, Fill | None], element: Tag) -> dict[str, Fill | None]:
    """By the names of boxes, where an answer is for every box whose name ends so: `*-dissent`."""
    found: dict[str, Fill | None] = {}
    for name, answer in fills.items():
        if name.startswith("*"):
            ends = [str(box["name"]) for box in _boxes(element) if str(box["name"]).endswith(name[1:])]
            found |= dict.fromkeys(ends, answer)
        else:
            found[name] = answer
    return found


def _boxes(element: Tag) -> Iterator[Tag]:
    for box in element.find_all(["input", "textarea", "select"]):
        if box.get("name") and not box.has_attr("disabled") and box.get("type") not in {"submit", "button"}:
            yield box


def _kind(box: Tag) -> str:
    return box.name if box.name in {"textarea", "select"} else str(box.get("type", "text"))


def _ticked(element: Tag) -> set[str]:
    """Groups in which something is chosen already."""
    return {
        str(box["name"])
        for box in element.find_all("input", checked=True)
        if box.get("type") in {"radio", "checkbox"}
    }


def _optional(box: Tag) -> bool:
    groups = box.find_parents(class_="govuk-form-group")
    said = [one.find(["label", "legend"]) for one in groups]
    return any(one is not None and "optional" in one.get_text(" ").lower() for one in said)


def value_of(box: Tag) -> str:
    if box.name == "select":
        chosen = box.find("option", selected=True)
        return str(chosen["value"]) if isinstance(chosen, Tag) else ""
    return box.get_text().removeprefix("\n") if box.name == "textarea" else str(box.get("value") or "")


def _first_option(box: Tag) -> str:
    return next((str(one["value"]) for one in box.find_all("option") if one.get("value")), "")


def _button(element: Tag, clicked: str) -> tuple[str, str] | None:
    """The button that is pressed: `clicked` as `name=value`, or the form’s first."""
    buttons = [one for one in element.find_all("button") if one.get("type", "submit") == "submit"]
    if clicked == "-":
        return None
    if clicked:
        name, _, value = clicked.partition("=")
        return (name, value)
    first = buttons[0] if buttons else None
    if first is None or not first.get("name"):
        return None
    return (str(first["name"]), str(first.get("value", "")))


def _choices(element: Tag, name: str) -> list[str]:
    boxes = element.find_all(["input", "select"], {"name": name})
    if boxes and boxes[0].name == "select":
        return [str(one["value"]) for one in boxes[0].find_all("option") if one.get("value")]
    return [str(one.get("value", "on")) for one in boxes]
