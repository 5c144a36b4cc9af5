"""Serves built assets: packed beforehand, and kept by browsers for ever, as their names hold their hash."""

from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request, send_from_directory

from portal.access.guard import public

_FOR_EVER = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Take the place of Flask's own static view, at the same address."""
    folder = Path(app.static_folder or "") / "build"

    @public
    def static(filename: str) -> Response:
        section, _, name = filename.partition("/")
        if section != "build" or "/" in name or name.endswith(".gz"):
            abort(404)  # sources are not for serving
        wants_packed = (
            "gzip" in request.headers.get("Accept-Encoding", "") and (folder / f"{name}.gz").is_file()
        )
        options: dict[str, Any] = {
            "mimetype": _TYPES.get(Path(name).suffix),
            "conditional": True,
            "etag": False,
        }
        response = send_from_directory(folder, f"{name}.gz" if wants_packed else name, **options)
        if wants_packed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Cache-Control"] = _FOR_EVER
        response.headers["Vary"] = "Accept-Encoding"
        return response

    app.view_functions["static"] = static


_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".json": "application/json"}
