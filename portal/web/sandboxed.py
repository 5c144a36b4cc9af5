"""Answers that are saved, or drawn as a picture: what is in them never runs on the portal's own address."""

from flask import Response

#: Even a browser that shows it after all lets it do nothing, and counts it as from nowhere.
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


def as_download(content: bytes, *, name: str, media_type: str) -> Response:
    """A file to save.

    Args:
        name: made of a reference; never what somebody called it.
        media_type: what it is by its content.
    """
    response = as_picture(content, media_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def as_picture(content: bytes, *, media_type: str) -> Response:
    """A picture for a page of the portal."""
    response = Response(content, mimetype=media_type)
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
