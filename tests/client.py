"""A test browser that holds every page to what all pages promise."""

from collections import Counter
from typing import Any

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from lxml import html
from werkzeug.test import TestResponse

UNCHECKED = {204, 301, 302, 303, 304, 307, 308}


class Client(FlaskClient):
    """Checks each HTML answer, and fills in the form token for a post as a browser would."""

    check_pages = True
    _read: tuple[TestResponse, BeautifulSoup] | None = None  # the last page, which is read once
    _checked: TestResponse | None = None

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        is_page = response.mimetype == "text/html" and response.data and response.status_code not in UNCHECKED
        if self.check_pages and is_page and response is not self._checked:
            self._check(response)  # not again where a redirect led to it, which hands it on as it is
            self._checked = response
        return response

    def page_of(self, response: TestResponse) -> BeautifulSoup:
        """The page of an answer of this browser."""
        if self._read is None or self._read[0] is not response:
            self._read = (response, BeautifulSoup(response.text, "html.parser"))
        return self._read[1]

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
        page = html.document_fromstring(response.get_data())
        headings = list(page.iter("h1"))
        assert len(headings) == 1, f"give the page one h1, it has {len(headings)}"
        assert (page.findtext(".//title") or "").strip(), "give the page a title"
        assert str(headings[0].xpath("string()")).strip(), "give the h1 words"
        ids = Counter(element.get("id") for element in page.iter() if element.get("id"))
        twice = [one for one, times in ids.items() if times > 1]
        assert not twice, f"make these ids unique: {twice}"
        for form in page.iter("form"):
            assert form.get("action") is not None, "give every form an action"
            if form.get("method", "get").lower() == "post":
                assert form.xpath(".//input[@name='csrf_token']"), (
                    f"give the form {form.get('action')} its token"
                )
