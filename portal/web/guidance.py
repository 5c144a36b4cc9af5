"""The guidance pages as the app shows them: our own Markdown as GOV.UK-styled HTML."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app
from markupsafe import Markup

from portal import clock
from portal.policy.guidance import Guidance, load_guidance

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


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
