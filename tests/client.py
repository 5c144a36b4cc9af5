"""A test browser that holds every page to what all pages promise."""

from typing import Any

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

UNCHECKED = {204, 301, 302, 303, 304, 307, 308}


class Client(FlaskClient):
    """Checks each HTML answer, and fills in the form token for a post as a browser would."""

    check_pages = True
    _read: tuple[TestResponse, BeautifulSoup] | None = None  # the last page, which is read once

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        is_page = response.mimetype == "text/html" and response.data and response.status_code not in UNCHECKED
        if self.check_pages and is_page and not self._has_read(response):
            self._check(response)
        return response

    def page_of(self, response: TestResponse) -> BeautifulSoup:
        """The page of an answer of this browser."""
        if self._read is None or not self._has_read(response):
            self._read = (response, BeautifulSoup(response.text, "html.parser"))
        return self._read[1]

    def _has_read(self, response: TestResponse) -> bool:
        """Whether it is the last page: one that a redirect led to is handed on as it is."""
        return self._read is not None and self._read[0] is response

    def soup(self, address: str, **kwargs: Any) -> BeautifulSoup:
        """The page at `address`, which must answer 200."""
        response = self.get(address, **kwargs)
        assert response.status_code == 200, (
            f"{address} answered {response.status_code}: {response.text[:400]}"
        )
        return self.page_of(response)

    def submit(self, address: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Post `data` to `address` with the form token of this browser's session."""
        return self.post(address, data={**(data or {}), "csrf_token": self.token()}, **kwargs)

    def token(self) -> str:
        """The form token of this browser's session."""
        with self.session_transaction() as session:
            secret = session.setdefault("csrf_token", "token-of-a-test-browser")
        signer = URLSafeTimedSerializer(self.application.secret_key or "", salt="wtf-csrf-token")
        return str(signer.dumps(secret))

    def _check(self, response: TestResponse) -> None:
        if response.request.headers.get("HX-Request") or response.request.headers.get("X-Autosave"):
            return  # a fragment
        page = self.page_of(response)
        headings = page.find_all("h1")
        assert len(headings) == 1, f"give the page one h1, it has {len(headings)}"
        title = page.title.get_text(" ", strip=True) if page.title else ""
        heading = headings[0].find(string=True, recursive=False) or headings[0].get_text(" ", strip=True)
        assert title, "give the page a title"
        assert heading, "give the h1 words"
        ids = [element["id"] for element in page.find_all(id=True)]
        twice = {i for i in ids if ids.count(i) > 1}
        assert not twice, f"make these ids unique: {sorted(twice)}"
        for form in page.find_all("form"):
            assert form.get("action") is not None, "give every form an action"
            if str(form.get("method", "get")).lower() == "post":
                assert form.find("input", {"name": "csrf_token"}), (
                    f"give the form {form.get('action')} its token"
                )
