"""The gallery app: real layouts and components without a database."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.components.app import build


@pytest.fixture(scope="session")
def gallery() -> Flask:
    return build()


@pytest.fixture
def browser(gallery: Flask) -> Iterator[FlaskClient]:
    """Asha Example at the gallery."""
    with gallery.test_client() as client:
        yield client


@pytest.fixture
def htmx() -> dict[str, str]:
    """The headers that htmx 4 sends; add HX-Target."""
    return {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Source": "a#next"}
