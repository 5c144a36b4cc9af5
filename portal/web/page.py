"""One URL, one view, one template: the whole page for a browser, one block of it for htmx."""

import re
from collections.abc import Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, current_app, flash, g, make_response, redirect, request, url_for
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader, Template, nodes
from jinja2.ext import Extension
from jinja2.runtime import Macro
from markupsafe import Markup, escape
from wtforms.form import BaseForm

from portal.queries.paging import Page
from portal.web import conflict, error_summary
from portal.web.htmx import headers, is_fragment
from portal.web.navigation import flashed

_FILES = ("icons", "pictures", "page", "panels", "child", "lists", "forms")

#: GOV.UK macros for what has no macro of ours; each takes the parameters of the design system.
_GOVUK = {
    "details": "govukDetails",
    "inset_text": "govukInsetText",
    "panel": "govukPanel",
    "table": "govukTable",
}


class _NoIndentation(Extension):
    """Leaves out what stands before each line of a page's template: no browser shows it, and every page would
    carry it.
    """

    _BEFORE_A_LINE = re.compile(r"^[ \t]+", re.MULTILINE)

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        is_page = (name or filename or "").endswith(".html")
        return self._BEFORE_A_LINE.sub("", source) if is_page else source


def init_app(app: Flask) -> None:
    """Make the component macros, and those of GOV.UK Frontend, known to every template of ``app``.

    :raises ValueError: when two component files define a macro of the same name.
    """
    own = app.jinja_loader
    loaders = [*([own] if own else []), _packaged("govuk_frontend_jinja"), _packaged("govuk_frontend_wtf")]
    app.jinja_loader = ChoiceLoader(loaders)
    environment = app.jinja_env
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.add_extension(_NoIndentation)
    ui = SimpleNamespace()
    environment.globals["ui"] = ui
    for file in _FILES:
        module = environment.get_template(f"components/{file}.html").module
        for name, macro in vars(module).items():
            if not isinstance(macro, Macro) or name.startswith("_"):
                continue
            if hasattr(ui, name):
                raise ValueError(f"Two component files define “{name}”: rename one of them")
            setattr(ui, name, macro)
    for name, macro_name in _GOVUK.items():
        module = environment.get_template(
            f"govuk_frontend_jinja/components/{name.replace('_', '-')}/macro.html"
        ).module
        environment.globals[macro_name] = getattr(module, macro_name)


def _packaged(package: str) -> PrefixLoader:
    return PrefixLoader({package: PackageLoader(package)})


_MAIN_TARGETS = frozenset({"main-content", "content"})


def render(template_name: str, *, status: int | None = None, **context: Any) -> Response:
    """Answer with a page, or for htmx with the block that its target is named after.

    The target ``case-list`` gets the block ``case_list`` of the template; ``main-content``, or a target that
    no block is named after, gets the block ``content`` with the page's title.

    ``form`` (or ``forms``, a list) and ``problem`` in the context are special: their errors are listed at the
    top of the page, the title begins with “Error: ”, and the status is 422, or the problem's own ``status``.
    A problem that is a conflict is shown with both sides, and the form gets the version that is shown; a page
    that is given its own ``differences`` shows them where they belong, and sees to its form. What was typed
    and is not on a page with a problem, whose form may be gone, is shown above it.

    :param template_name: the template, below ``portal/templates``.
    :param status: HTTP status; by default 200, or 422 when there are errors to show.
    :param context: what the template needs. Names read in a block must come from here: the template's own
        top-level ``set`` and ``import`` do not run when only a block is rendered.
    """
    problem: error_summary.Problem | None = context.get("problem")
    context["summary_items"] = error_summary.collect(_forms(context), problem)
    context["conflict"] = conflict.settle(problem, _forms(context))
    context["conflict_stands"] = getattr(problem, "stands", False)
    if context.get("differences"):
        context["conflict"] = None
    show = _fragment if is_fragment() else _page
    body = show(template_name, context)
    if problem is not None and (lost := conflict.not_on(body)):
        body = show(template_name, context | {"not_kept": lost})
    response = make_response(body)
    response.status_code = status or _status(context["summary_items"], problem)
    return response


def page_links(page: Page[Any], endpoint: str, **address: Any) -> dict[str, Any]:
    """The links at the foot of a list: to its `first` page, where this is a later one, and to `more` of it.

    :param page: the page that is shown.
    :param endpoint: where the list is shown.
    :param address: what its address says besides.
    """
    more = url_for(endpoint, **address, after=str(page.next)) if page.next else ""
    return {"first": url_for(endpoint, **address) if request.args.get("after") else "", "more": more}


def see_other(url: str, *, done: str = "", same_page: bool = False) -> Response:
    """Send the browser on to a page after a POST (303, so that reloading does not post again).

    :param url: where to go, within the portal.
    :param done: what the next page says was done.
    :param same_page: true when ``url`` is the page that the button stands on, so that htmx may follow and put
        the fresh fragment into its target. Otherwise htmx is told to go there as a browser would.
    """
    if done:
        flash(done)
    if is_fragment() and not same_page:
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    return make_response(redirect(url, 303))


def announce(message: str) -> None:
    """Have a screen reader say ``message`` once the answer is in the page (through the one live region)."""
    g.announcement = message


def _page(template_name: str, context: dict[str, Any]) -> str:
    current_app.update_template_context(context)
    return current_app.jinja_env.get_template(template_name).render(context)


def _fragment(template_name: str, context: dict[str, Any]) -> str:
    current_app.update_template_context(context)
    template = current_app.jinja_env.get_template(template_name)
    block = _block_for(headers().target_id, template)
    html = _render_block(template, block, context)
    if block == "content":
        title = _render_block(template, "title", context)
        prefix = "Error: " if context["summary_items"] else ""
        ui: Any = current_app.jinja_env.globals["ui"]
        summary = ui.error_summary(context["summary_items"])
        said = f"{flashed()}{summary}{ui.conflict(context['conflict'])}{ui.not_kept(context.get('not_kept'))}"
        html = f"<title>{prefix}{title.strip()} – {escape(context['service_name'])}</title>{said}{html}"
    return html + str(_announcement())


def _block_for(target_id: str | None, template: Template) -> str:
    name = re.sub(r"\W", "_", target_id or "")
    known = target_id not in _MAIN_TARGETS and any(
        name in one.blocks for one in (template, *_parents(template))
    )
    return name if known else "content"


def _render_block(template: Template, block: str, context: dict[str, Any]) -> str:
    read = template.new_context(context)
    for parent in _parents(template):  # a page may leave the block, or blocks within it, to its layout
        for name, inherited in parent.blocks.items():
            read.blocks.setdefault(name, []).append(inherited)
    return "".join(read.blocks[block][0](read))


def _parents(template: Template) -> Iterator[Template]:
    """The templates that a template extends, the nearest first."""
    while name := _extends(str(template.name)):
        template = current_app.jinja_env.get_template(name)
        yield template


@cache
def _extends(template_name: str) -> str | None:
    """The name of the template that another extends."""
    environment = current_app.jinja_env
    loader = environment.loader
    if loader is None:
        return None
    tree = environment.parse(loader.get_source(environment, template_name)[0])
    found = next(tree.find_all(nodes.Extends), None)
    return str(found.template.as_const()) if found else None


def _announcement() -> Markup:
    message = g.pop("announcement", None)
    if not message:
        return Markup("")
    return Markup('<div id="live-region" hx-swap-oob="innerHTML">{}</div>').format(message)


def _forms(context: dict[str, Any]) -> list[BaseForm]:
    one = context.get("form")
    return [*([one] if one is not None else []), *context.get("forms", [])]


def _status(items: list[error_summary.SummaryItem], problem: error_summary.Problem | None) -> int:
    if problem is not None:
        return int(getattr(problem, "status", 422))
    return 422 if items else 200
