"""What stands between views and HTML: page or fragment, components, fields, errors, assets."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from portal.records.missing.presenter.running import missing_now
from portal.web import errors, filters, guidance, htmx, observed, page, references, refused_data, static_files
from portal.web.assets import asset_url, ensure_built
from portal.web.due_presenter import late
from portal.web.navigation import PageLayout, SignedIn

#: Used where the deployment's settings say nothing.
_DEFAULTS = {
    "SERVICE_NAME": "Derby and Derbyshire CRE portal",
    "SESSION_IDLE_SECONDS": 30 * 60,
}


def init_app(
    app: Flask,
    *,
    whoami: Callable[[], SignedIn | None] = lambda: None,
    waiting: Callable[[Any], Any] = lambda _person: None,
) -> None:
    """Give ``app`` its pages.

    :param whoami: gives who is signed in on the present request, or None.
    :param waiting: counts what waits for that person: a `portal.pages.waiting.Waiting`.
    :raises portal.web.assets.AssetsError: in development and tests, when the assets cannot be built.
    :raises portal.policy.PolicyError: when a page of guidance is not as it should be.
    """
    for name, value in _DEFAULTS.items():
        app.config.setdefault(name, value)
    if app.debug or app.testing:
        ensure_built()
    observed.init_app(app)
    htmx.init_app(app)
    filters.init_app(app)
    app.jinja_env.filters.update(missing_now=missing_now, late=late)
    app.jinja_env.globals["asset_url"] = asset_url
    references.init_app(app)
    PageLayout(whoami, waiting).init_app(app)
    guidance.explain_words(app)
    filters.offer_numbers(app)
    page.init_app(app)  # after the globals, which macros read as they are now
    static_files.serve_assets(app)
    static_files.pack_pages(app)
    errors.init_app(app, whoami=whoami)
    refused_data.init_app(app)
    guidance.init_app(app)
