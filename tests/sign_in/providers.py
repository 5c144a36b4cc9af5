"""Identity providers for the tests: the demonstration ones, on a port of their own, told to misbehave."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from bs4 import BeautifulSoup
from werkzeug.serving import make_server

from portal.access.sign_in.discovery import ProviderSettings
from portal.demo.provider import Client, Directory, Faults, Organisation, Person, Provider, create_provider

CLIENT_ID = "cre-portal"
CLIENT_SECRET = "known-to-the-tests"
CODES = ("police", "city-social-care", "health")


def return_address(code: str) -> str:
    """Where the portal under test takes people back."""
    return f"http://localhost/sign-in/return/{code}"


def person(subject: str, name: str = "Sam Fictional", email: str = "sam@police.example") -> Person:
    """Somebody at a provider."""
    return Person(subject=subject, name=name, email=email, job="tester")


@dataclass
class Providers:
    """The running providers, with the words that the tests use."""

    app: Provider
    directory: Directory

    def issuer(self, code: str) -> str:
        """The issuer identifier of an organisation."""
        return self.directory.issuer(code)

    def misbehave(self, code: str, **faults: Any) -> None:
        """Let an organisation's provider do something wrong until the end of the test."""
        self.app.state.faults[code] = Faults(**faults)

    def rotate_key(self, code: str) -> None:
        """Let an organisation sign with a new key from now on."""
        self.app.state.keys.rotate(code, self.directory.organisations[code].algorithm)

    def people(self, code: str, *people: Person) -> None:
        """Say who can sign in at an organisation."""
        self.directory.add([replace(self.directory.organisations[code], people=people)])

    def settings(self, code: str, **changes: Any) -> ProviderSettings:
        """What a portal that trusts the organisation would have configured."""
        known: dict[str, Any] = {
            "code": code,
            "name": code.title(),
            "issuer": self.issuer(code),
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "required_acr": ("https://refeds.org/profile/mfa",),
            "required_amr": ("mfa",),
            "max_age": 3600,
        }
        return ProviderSettings(**known | changes)

    def sign_in(self, authorization_address: str, subject: str) -> dict[str, str]:
        """Act as the browser at the provider; gives the query with which it is sent back."""
        page = requests.get(authorization_address, timeout=5)
        assert page.status_code == 200, f"the provider refused the request: {page.text}"
        asked = BeautifulSoup(page.text, "html.parser").select_one("input[name=asked]")
        assert asked is not None, "the provider did not ask who to sign in as"
        answer = requests.post(
            authorization_address.split("?", maxsplit=1)[0],
            data={"asked": asked["value"], "person": subject},
            allow_redirects=False,
            timeout=5,
        )
        assert answer.status_code == 303, f"the provider did not sign {subject} in: {answer.text}"
        return {
            name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()
        }


@contextmanager
def running_providers() -> Iterator[Providers]:
    """Serve the providers on a free port of the loopback address."""
    client = Client(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_uris=tuple(return_address(code) for code in CODES),
        post_logout_redirect_uris=("http://localhost/signed-out",),
    )
    directory = Directory(base_url="http://127.0.0.1", client=client)
    app = create_provider(directory, environment="test")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    directory.base_url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Providers(app, directory)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def organisations() -> list[Organisation]:
    """The organisations as every test finds them."""
    return [
        Organisation(code="police", name="Police", people=(person("p-1"),)),
        Organisation(
            code="city-social-care", name="City social care", algorithm="ES256", people=(person("s-1"),)
        ),
        Organisation(code="health", name="Health", people=(person("h-1"),)),
    ]
