"""What every answer tells the browser: run only our own files, keep nothing, send nothing elsewhere."""

import base64
import hashlib

from flask import Flask, Response, request
from werkzeug.datastructures import Headers

#: The one script inside pages. It must run before the first paint, so that parts which only a script can
#: serve do not flash up. The policy below allows exactly these characters, by their hash.
FIRST_SCRIPT = (
    "document.body.className += ' js-enabled'"
    " + ('noModule' in HTMLScriptElement.prototype ? ' govuk-frontend-supported' : '');"
)

_HASH = base64.b64encode(hashlib.sha256(FIRST_SCRIPT.encode()).digest()).decode()

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        f"script-src 'self' 'sha256-{_HASH}'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)

_ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Referrer-Policy": "same-origin",  # to ourselves only; with none at all forms would say "Origin: null"
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}

#: Two years, as browsers ask before they build a site into their own list.
_HSTS = "max-age=63072000; includeSubDomains"


def init_app(app: Flask) -> None:
    """Put the headers on every answer of ``app``, errors included.

    ``app.config["FORM_ACTION_ORIGINS"]`` may list origins to which a form may lead by a redirect: browsers
    apply ``form-action`` to redirects too, so the identity providers belong there when sign-in is a POST.
    """
    policy = CONTENT_SECURITY_POLICY
    if origins := app.config.get("FORM_ACTION_ORIGINS"):
        policy = policy.replace("form-action 'self'", f"form-action 'self' {' '.join(origins)}")

    def set_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)  # a download brings one that allows nothing
        for name, value in _ALWAYS.items():
            headers.setdefault(name, value)
        if request.is_secure:
            headers.setdefault("Strict-Transport-Security", _HSTS)
        if request.endpoint != "static":
            _keep_nothing(headers)
        return response

    app.after_request(set_headers)


def _keep_nothing(headers: Headers) -> None:
    """A page is made for one person at one moment, and a fragment must not be shown for a page."""
    headers.setdefault("Cache-Control", "no-store")
    vary = {part.strip() for part in headers.get("Vary", "").split(",") if part.strip()}
    headers["Vary"] = ", ".join(sorted(vary | {"Cookie", "HX-Request"}))
