"""Signing in through an organisation's own identity provider (OpenID Connect)."""

from flask import Flask, current_app

from portal.access.sign_in.discovery import ProviderDirectory
from portal.extensions import csrf

_EXTENSION = "identity_providers"


def init_app(app: Flask) -> None:
    """Give `app` its memory of what providers say about themselves."""
    csrf.exempt("portal.blueprints.auth.back_channel")  # a provider posts a signed token, not a form of ours
    app.extensions[_EXTENSION] = ProviderDirectory(allow_http=app.config["ALLOW_HTTP_PROVIDERS"])


def directory() -> ProviderDirectory:
    """What the present application remembers of providers."""
    found: ProviderDirectory = current_app.extensions[_EXTENSION]
    return found
