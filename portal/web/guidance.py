"""What the partnership decided and advises, as pages show it: the figures of the policy with their source
and its lists, the guidance, our own Markdown as GOV.UK-styled HTML, and rare words and abbreviations with
what they mean: one file, `config/glossary.toml`.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app
from markupsafe import Markup

from portal import clock
from portal.policy import Catalogue, Policy
from portal.policy.guidance import Guidance, load_guidance
from portal.vocabulary import TriageColour
from portal.web.filters import clock_time

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


_UNITS = {
    "elapsed_hours": "hour",
    "working_days": "working day",
    "days": "day",
    "months": "month",
    "years": "year",
}


@dataclass(frozen=True)
class PolicyFigure:
    """One number that somebody has to answer for."""

    section: str
    about: str
    value: str
    source: str
    confirmed: bool


@dataclass(frozen=True)
class PolicyList:
    """One list of words that people choose from."""

    section: str
    name: str
    labels: tuple[str, ...]


def figures_of(policy: Policy) -> list[PolicyFigure]:
    """Every figure of the policy, in the order of its sections."""
    return [figure for name, section in _sections(policy) for figure in _figures(name, section, ())]


def lists_of(policy: Policy) -> list[PolicyList]:
    """Every list of the policy, in the order of its sections."""
    return [
        PolicyList(_words(name), _words(field.name), tuple(item.label for item in value.offered))
        for name, section in _sections(policy)
        for field in fields(section)
        if isinstance(value := getattr(section, field.name), Catalogue)
    ]


def _sections(policy: Policy) -> Iterator[tuple[str, Any]]:
    """All but what the edition says of itself."""
    for name, section in policy.sections().items():
        if name != "edition":
            yield name, section


def _figures(section: str, value: Any, path: tuple[str, ...]) -> Iterator[PolicyFigure]:
    if isinstance(value, Catalogue):
        for item in value.offered:
            yield from _figures(section, item, (*path[:-1], item.label))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _figures(section, inner, (*path, _words(name)))
    elif isinstance(value, tuple):
        for inner in value:
            yield from _figures(section, inner, path)
    elif hasattr(value, "confirmed") and hasattr(value, "unit"):
        about = " – ".join(path) or _words(section)
        yield PolicyFigure(_words(section), about, _amount(value), value.source, value.confirmed)
    elif is_dataclass(value):
        if hasattr(value, "confirmed") and hasattr(value, "source") and (amounts := _amounts(value)):
            about = getattr(value, "label", _words(section))
            yield PolicyFigure(_words(section), about, amounts, value.source, value.confirmed)
        for field in fields(value):
            yield from _figures(section, getattr(value, field.name), (*path, _words(field.name)))


def _amount(figure: Any) -> str:
    unit = _UNITS.get(str(figure.unit), str(figure.unit))
    return f"{figure.value} {unit}{'' if figure.value == 1 else 's'}"


def _amounts(rule: Any) -> str:
    """What a rule that answers for several values at once says: its numbers, times and colour."""
    said = {field.name: getattr(rule, field.name) for field in fields(rule)}
    return "; ".join(f"{_words(name)}: {text}" for name, value in said.items() if (text := _plain(value)))


def _plain(value: Any) -> str:
    if isinstance(value, time):
        return clock_time(value)
    if isinstance(value, TriageColour):
        return value.label
    return str(value) if type(value) is int else ""


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def init_app(app: Flask) -> None:
    """Read the guidance once, so that a fault in it stops the start and not a reader.

    :raises portal.policy.PolicyError: names the file, the key and the remedy.
    """
    app.config.setdefault("POLICY_DIRECTORY", Path(app.root_path).parent / "config" / "policy")
    with app.app_context():
        current_guidance()


def current_guidance() -> Guidance:
    """The guidance that holds today."""
    return load_guidance(Path(current_app.config["POLICY_DIRECTORY"]), clock.today())


_CLASSES = {
    "heading_open:h2": "govuk-heading-m",
    "heading_open:h3": "govuk-heading-s",
    "paragraph_open:p": "govuk-body",
    "bullet_list_open:ul": "govuk-list govuk-list--bullet",
    "ordered_list_open:ol": "govuk-list govuk-list--number",
    "blockquote_open:blockquote": "govuk-inset-text",
    "table_open:table": "govuk-table",
    "thead_open:thead": "govuk-table__head",
    "tbody_open:tbody": "govuk-table__body",
    "tr_open:tr": "govuk-table__row",
    "th_open:th": "govuk-table__header",
    "td_open:td": "govuk-table__cell",
    "link_open:a": "govuk-link",
}
_NEW_TAB = " (opens in a new tab)"


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # noqa: PLC0415 - a process that shows no guidance does without it

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def render_markdown(text: str) -> Markup:
    """The text as HTML. A link to another site opens a new tab and says so."""
    parser = _parser()
    tokens = parser.parse(text)
    for token in tokens:
        _dress(token)
        _dress_inside(token)
    rendered: Any = parser.renderer.render(tokens, parser.options, {})
    return Markup(rendered)  # noqa: S704  # from our own files, and the parser escapes HTML in them


def _dress(token: "Token") -> None:
    if name := _CLASSES.get(f"{token.type}:{token.tag}"):
        token.attrSet("class", name)
    if token.type == "th_open":
        token.attrSet("scope", "col")


def _dress_inside(token: "Token") -> None:
    children: Sequence[Token] = token.children or ()
    leaves: list[Token] = []
    outside = False
    for child in children:
        _dress(child)
        if child.type == "link_open" and str(child.attrGet("href")).startswith("http"):
            child.attrSet("target", "_blank")
            child.attrSet("rel", "noopener noreferrer")
            outside = True
        elif child.type == "link_close" and outside:
            leaves.append(type(child)("text", "", 0, content=_NEW_TAB))
            outside = False
        leaves.append(child)
    if token.children is not None:
        token.children = leaves


_FILE = Path(__file__).parents[2] / "config" / "glossary.toml"


@dataclass(frozen=True)
class Word:
    """One of them.

    Attributes:
        code: what an address calls it.
        long: what an abbreviation stands for.
    """

    code: str
    word: str
    means: str
    long: str = ""


def explain_words(app: Flask) -> None:
    """Let templates explain a word where it stands: ``{{ ui.explain("nrm") }}``."""
    app.jinja_env.globals["glossary_word"] = word


@cache
def glossary() -> tuple[Word, ...]:
    """All of them, by the alphabet."""
    found = tomllib.loads(_FILE.read_text("utf-8"))
    return tuple(
        sorted((Word(code, **facts) for code, facts in found.items()), key=lambda one: one.word.lower())
    )


def word(code: str) -> Word:
    """One of them.

    Raises:
        KeyError: the file does not explain it.
    """
    found = {one.code: one for one in glossary()}
    return found[code]
