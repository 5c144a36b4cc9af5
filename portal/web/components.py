"""The macros of ``templates/components`` as one template global: ``{{ ui.tag("Overdue", "red") }}``.

One name, so that no page's own variable hides a macro; and a global, because rendering one block of a
template does not run the imports at its top. docs/front-end.md lists them.
"""

from types import SimpleNamespace

from flask import Flask
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from jinja2.runtime import Macro

_FILES = ("icons", "pictures", "page", "panels", "child", "lists", "forms")

#: GOV.UK macros for what has no macro of ours; each takes the parameters of the design system.
_GOVUK = {
    "details": "govukDetails",
    "inset_text": "govukInsetText",
    "panel": "govukPanel",
    "table": "govukTable",
}


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
