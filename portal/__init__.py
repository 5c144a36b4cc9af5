"""The portal as a Flask application."""

import gc
from typing import Any

from flask import Flask, Response
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix

from config import headers, logs, settings
from config.errors import SettingError
from portal import access, blueprints, commands, extensions, policy, registry, web
from portal.access import audit, form_tokens
from portal.access.connections import AWAY
from portal.access.pace import TooFast
from portal.pages.waiting import waiting_for
from portal.web import idempotency, refused_data


class Portal(Flask):
    """Undoes the request's transaction before any error is answered."""

    def handle_user_exception(self, e: Exception) -> ResponseReturnValue:
        extensions.db.session.rollback()
        audit.undone(False)
        return super().handle_user_exception(e)

    def handle_exception(self, e: Exception) -> Response:
        """What fails after the view, in committing or recording, is answered as what it is."""
        if isinstance(e, (*AWAY, TooFast)):
            answer = self.make_response(self.handle_user_exception(e))
            return self.finalize_request(answer, from_error_handler=True)
        return super().handle_exception(e)


def create_app(overrides: dict[str, Any] | None = None) -> Flask:
    """Build the application from the environment.

    Args:
        overrides: configuration that replaces what the environment says; tests use it.

    Raises:
        SystemExit: built from the environment, a setting or a policy file is wrong; names it and the remedy.
        config.errors.SettingError: a setting is missing or wrong.
        portal.policy.PolicyError: a policy file is wrong; names the file, the key and the remedy.
        portal.access.guard.UndeclaredRoute: a route does not say who may use it.
    """
    if overrides is not None:
        return _build(overrides)
    gc.disable()  # what is loaded stays: to look for garbage in it would take a quarter of the start
    try:
        return _build(settings.for_process())
    except (
        SettingError,
        policy.PolicyError,
    ) as problem:  # the sentence alone
        raise SystemExit(f"The portal does not start. {problem}") from None
    finally:
        gc.freeze()
        gc.enable()


def _build(config: dict[str, Any]) -> Flask:
    if not config.get("TESTING"):
        logs.use()
    app = Portal(__name__)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # nobody asks across sites: 405 with words
    app.config.from_mapping(config)
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign] # Flask's documented way
    refused_data.refuse_unreadable(app)  # before anything reads the request
    policy.use(policy.load_book(app.config["POLICY_DIRECTORY"]))
    form_tokens.refuse_other_sites(app)
    registry.load_models()
    extensions.init_app(app)
    headers.init_app(app)
    access.init_app(app)
    web.init_app(app, whoami=access.whoami, waiting=waiting_for)
    idempotency.keep_transactions(app)
    blueprints.init_app(app)
    registry.nouns()  # what is wrong with one is said now, not to the first who asks
    commands.init_app(app)
    access.check(app)
    return app
