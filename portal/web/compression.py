"""Packs pages for the wire: council networks and phones are slow, and a list shrinks to a fifth.

A page holds secrets (the form token) beside words from the address, so its packed length could be measured to
guess them. Each packed page therefore carries padding of random length in its gzip header.
"""

import gzip
import secrets
import zlib

from flask import Flask, Response, request

_SMALL = 1024  # bytes; below this packing gains nothing
_LEVEL = 4
_PADDING = 96  # bytes at most
_FILE_NAME_FLAG = 0x08


def init_app(app: Flask) -> None:
    """Pack the HTML answers of ``app`` for browsers that can unpack them."""
    app.after_request(_pack)


def _pack(response: Response) -> Response:
    if (
        response.mimetype != "text/html"
        or response.direct_passthrough
        or "Content-Encoding" in response.headers
        or "gzip" not in request.headers.get("Accept-Encoding", "")
    ):
        return response
    body = response.get_data()
    if len(body) < _SMALL:
        return response
    response.set_data(pack(body))
    response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response


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
