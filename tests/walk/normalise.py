"""A page as text that two records can be compared by: what people read, follow, fill in and press.

Classes, identifiers and what only groups are left out, and so is what is new each time: tokens, keys that are
to be sent once, sums of built files. A row is called by its table and its place among the rows of it, so that
its reference and its identifier, which are drawn, need not be the same.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote

from bs4 import BeautifulSoup, Comment, Doctype, Tag
from bs4.element import NavigableString, PageElement

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b"
_DRAWN = r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b"
REFERENCE = rf"\b[A-Z]{{3}}-{_DRAWN}"
#: By which somebody is asked to call a fault; two years are none.
_OF_A_FAULT = re.compile(rf"\b(?!\d{{4}}-\d{{4}}\b){_DRAWN}")
_NAMED = re.compile(f"{UUID}|{REFERENCE}")
_SUM = re.compile(r"(/static/[\w./-]*?)[.-][0-9A-Za-z_-]{8,64}(\.\w+)")
#: Fields that hold something new on each page: the token of the form, and what says that it was sent already.
_NEW_EACH_TIME = re.compile(r"(^|-)(csrf_token|idempotency_key|once)$")
#: By which a draft tells two pages of one person apart.
_PAGE = re.compile(r"[\w-]{12}")
_TOKEN = re.compile(r'("token": ?")[^"]+')
#: The database's clock goes on during a walk; the portal's stands still at 11:43 (`record.MOMENT`).
_MEANWHILE = re.compile(r"15 March 2028 at (?!11:43)1[12]:\d\d[ap]m|2028-03-15T(?!11:43:00\+)1[12]:[\d:.+]+")
_NEW = "…"
_KEPT = (
    "href",
    "action",
    "method",
    "type",
    "name",
    "value",
    "accept",
    "autocomplete",
    "inputmode",
    "maxlength",
    "role",
)
_FLAGS = (
    "checked",
    "selected",
    "disabled",
    "required",
    "readonly",
    "multiple",
    "open",
    "hidden",
    "novalidate",
)
_SHOWN = {
    *(
        "title",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "a",
        "form",
        "fieldset",
        "legend",
        "label",
        "input",
        "textarea",
    ),
    *(
        "select",
        "option",
        "button",
        "table",
        "caption",
        "tr",
        "th",
        "td",
        "ul",
        "ol",
        "li",
        "dt",
        "dd",
        "nav",
    ),
    *(
        "details",
        "summary",
        "time",
        "img",
        "main",
        "header",
        "footer",
        "aside",
        "section",
        "iframe",
        "script",
    ),
}
_SILENT = {"style", "script", "svg", "noscript"}


class Names:
    """What rows are called, by what they are called in a release."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known

    def stable(self, text: str) -> str:
        """The text with the stable name of each row; one that is not known has only its kind."""
        named = _NAMED.sub(lambda found: self._name(found[0]), text)
        return _MEANWHILE.sub("meanwhile", _OF_A_FAULT.sub("fault-?", named))

    def _name(self, drawn: str) -> str:
        return self._known.get(drawn) or (f"{drawn[:3]}-?" if drawn[3] == "-" else "uuid-?")


def page(shown: BeautifulSoup, names: Names) -> str:
    """A page in lines: one for each heading, link, field, button and piece of text, in their order."""
    return "\n".join(_lines(shown, names))


def text(body: str, names: Names) -> str:
    """What is no page, such as a table to save or an answer to a script, likewise."""
    return names.stable(_TOKEN.sub(rf"\g<1>{_NEW}", body))


def _lines(element: Tag, names: Names, form: Tag | None = None) -> Iterator[str]:
    for child in element.children:
        if isinstance(child, Tag):
            if form and _is_hidden(child):
                continue  # told at the head of its form: nobody sees in which place it stands
            if child.name in _SHOWN or _extras(child):
                yield _line(child, names)
            if child.name == "form":
                yield from sorted(_line(one, names) for one in child.find_all(_is_hidden))
            if child.name not in _SILENT:
                yield from _lines(child, names, child if child.name == "form" else form)
        elif _is_text(child) and (words := " ".join(str(child).split())):
            yield names.stable(words)


def _line(element: Tag, names: Names) -> str:
    return f"<{' '.join([element.name, *_attributes(element, names)])}>"


def _is_hidden(found: Tag) -> bool:
    return found.name == "input" and found.get("type") == "hidden"


def _is_text(found: PageElement) -> bool:
    return isinstance(found, NavigableString) and not isinstance(found, Comment | Doctype)


def _attributes(element: Tag, names: Names) -> Iterable[str]:
    for key in _KEPT:
        if key in element.attrs:
            yield f'{key}="{_value(element, key, names)}"'
    if "src" in element.attrs:
        source = _SUM.sub(r"\1\2", str(element["src"]))
        yield f'src="{source}"'
    yield from (flag for flag in _FLAGS if flag in element.attrs)
    for key in _extras(element):
        yield f'{key}="{names.stable(unquote(str(element[key])))}"'


def _extras(element: Tag) -> list[str]:
    """What scripts and readers of a screen are told."""
    return sorted(
        key
        for key in element.attrs
        if key
        in {"hx-get", "hx-post", "hx-target", "hx-swap", "hx-trigger", "hx-vals", "hx-confirm", "aria-label"}
        or key
        in {
            "alt",
            "datetime",
            "lang",
            "scope",
            "colspan",
            "rowspan",
            "data-label",
            "aria-current",
            "aria-live",
        }
    )


def _value(element: Tag, key: str, names: Names) -> str:
    name, value = str(element.get("name", "")), str(element[key])
    if key == "value" and (_NEW_EACH_TIME.search(name) or (name == "page" and _PAGE.fullmatch(value))):
        return _NEW
    return names.stable(unquote(str(element[key])))
