"""What goes over the wire packed: built assets, packed beforehand and kept by browsers for ever, as their
names hold their hash; and pages, for council networks and phones are slow, and a list shrinks to a fifth.

A page holds secrets (the form token) beside words from the address, so its packed length could be measured
to guess them. Each packed page therefore carries padding of random length: as gzip in its header, else in a
remark behind it.
"""

import gzip
import secrets
import zlib
from pathlib import Path
from typing import Any

import brotli
from flask import Flask, Response, abort, request, send_from_directory

from portal.access.guard import public

_FOR_EVER = "public, max-age=31536000, immutable"


def serve_assets(app: Flask) -> None:
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


_SMALL = 1024  # bytes; below this packing gains nothing
_LEVEL = 6  # of gzip: a list is 5 % smaller than with 4, for a fifth of a millisecond
_QUALITY = 5  # of Brotli: 10 % smaller than that, in half the time; browsers take it over https
_PADDING = 96  # bytes at most
_FILE_NAME_FLAG = 0x08


def pack_pages(app: Flask) -> None:
    """Pack the HTML answers of ``app`` for browsers that can unpack them."""
    app.after_request(_pack)


def _pack(response: Response) -> Response:
    if (
        response.mimetype != "text/html"
        or response.direct_passthrough
        or "Content-Encoding" in response.headers
        or not (way := next((one for one in _WAYS if request.accept_encodings.quality(one)), ""))
    ):
        return response
    body = response.get_data()
    if len(body) < _SMALL:
        return response
    response.set_data(_WAYS[way](body))
    response.headers["Content-Encoding"] = way
    response.vary.add("Accept-Encoding")
    return response


def shrink(body: bytes) -> bytes:
    """``body`` as Brotli, with a remark of random length behind it: of hexadecimal digits two are a byte."""
    remark = secrets.token_hex(_PADDING)[: secrets.randbelow(2 * _PADDING)].encode()
    packed: bytes = brotli.compress(body + b"<!--" + remark + b"-->", quality=_QUALITY)
    return packed


def pack(body: bytes) -> bytes:
    """``body`` as gzip, with a file name of random length in its header."""
    packed = gzip.compress(body, _LEVEL, mtime=0)
    name = secrets.token_hex(_PADDING // 2)[: secrets.randbelow(_PADDING)].encode() + b"\0"
    header = bytearray(packed[:10])
    header[3] |= _FILE_NAME_FLAG
    return bytes(header) + name + packed[10:]


def unpack(body: bytes) -> bytes:
    """The other way; for tests and measurements."""
    return zlib.decompress(body, wbits=31)


#: How a page may be packed, the best first.
_WAYS = {"br": shrink, "gzip": pack}
