"""How a person’s browser reaches the portal: within this process, or over the network.

A race needs of a browser only that it asks and sends. `Near` asks the application in this process; `Far` goes
over HTTP to wherever the portal is served, through any proxy and over TLS.
"""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from flask import Flask
from werkzeug.datastructures import MultiDict

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Upload:
    """A file that somebody chose."""

    name: str
    filename: str
    content: bytes


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    text: str = ""
    location: str = ""  # where a redirect leads: path and query


@dataclass(frozen=True)
class Sent:
    """A form that is ready to be sent."""

    address: str
    fields: Fields
    files: tuple[Upload, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


class Browser(Protocol):
    """One person’s browser, with cookies of its own."""

    def get(self, address: str) -> Answer:
        """Ask for a page; redirects are not followed."""
        ...

    def send(self, form: Sent) -> Answer:
        """Send a form; redirects are not followed."""
        ...


class Near:
    """Asks the application in this process."""

    def __init__(self, app: Flask, token: str) -> None:
        self._client = app.test_client()
        if hasattr(self._client, "check_pages"):
            self._client.check_pages = False  # what pages promise has tests of its own; here they are many
        if token:
            self._client.set_cookie(app.config["PORTAL_SESSION_COOKIE"], token)

    def get(self, address: str) -> Answer:
        return self._ask("GET", address)

    def send(self, form: Sent) -> Answer:
        data: MultiDict[str, Any] = MultiDict(form.fields)
        for one in form.files:
            data.add(one.name, (BytesIO(one.content), one.filename))
        said = [("Sec-Fetch-Site", "same-origin"), *form.headers]
        return self._ask("POST", form.address, data=data, headers=said)

    def _ask(self, method: str, address: str, **more: Any) -> Answer:
        """In tests an error is raised to whoever asked; to a browser it is a 500."""
        try:
            return _near(self._client.open(address, method=method, **more))
        except Exception:
            return Answer(500, traceback.format_exc())


def _near(answer: Any) -> Answer:
    return Answer(answer.status_code, answer.text, _path(answer.headers.get("Location", "")))


@dataclass
class Far:
    """Goes over HTTP to `base`, such as `https://portal.example:8443`.

    Args:
        base: scheme, host and port.
        cookie: the name of the cookie that holds the session’s token.
        token: the session’s token; '' for nobody.
        verify: the authority that signed the server’s certificate.
    """

    base: str
    cookie: str
    token: str
    verify: str | bool = True
    timeout: float = 60
    _session: requests.Session = field(default_factory=requests.Session, init=False)

    def __post_init__(self) -> None:
        self._session.trust_env = False
        self._session.verify = self.verify
        if self.token:
            self._session.cookies.set(self.cookie, self.token)

    def get(self, address: str) -> Answer:
        return _far(self._session.get(self.base + address, allow_redirects=False, timeout=self.timeout))

    def send(self, form: Sent) -> Answer:
        """As a browser sends it from a page of the portal: with `Origin`, and without `Referer`."""
        return _far(
            self._session.post(
                self.base + form.address,
                data=list(form.fields),
                files=[(one.name, (one.filename, one.content)) for one in form.files] or None,
                headers={"Origin": self.base, "Sec-Fetch-Site": "same-origin", **dict(form.headers)},
                allow_redirects=False,
                timeout=self.timeout,
            )
        )


def _far(answer: requests.Response) -> Answer:
    return Answer(answer.status_code, answer.text, _path(answer.headers.get("Location", "")))


def _path(location: str) -> str:
    parts = urlsplit(location)
    return parts.path + (f"?{parts.query}" if parts.query else "")
