"""The demonstration identity providers start only where nothing is real."""

from pathlib import Path

import pytest

from portal.demo.provider import Client, Directory, Organisation, create_provider
from portal.demo.provider.tokens import KeyRing
from tests.sign_in.providers import person


def make_directory(base_url: str = "http://127.0.0.1:5001") -> Directory:
    directory = Directory(
        base_url=base_url,
        client=Client(client_id="portal", client_secret="secret", redirect_uris=("http://localhost/back",)),
    )
    directory.add([Organisation(code="police", name="Police", people=(person("p-1"),))])
    return directory


@pytest.mark.parametrize("environment", ["production", "", "staging", "Demo"])
def test_it_refuses_to_start_outside_a_demonstration(environment: str) -> None:
    with pytest.raises(RuntimeError, match="sign in as anybody"):
        create_provider(make_directory(), environment=environment)


@pytest.mark.parametrize(
    "base_url", ["http://0.0.0.0:5001", "https://portal.example", "http://192.0.2.1:5001"]
)
def test_it_refuses_an_address_that_others_can_reach(base_url: str) -> None:
    with pytest.raises(RuntimeError, match="loopback"):
        create_provider(make_directory(base_url), environment="demo")


def test_the_directory_survives_being_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "directory.json"
    make_directory().save(path)
    assert Directory.load(path) == make_directory()
    assert path.stat().st_mode & 0o077 == 0, "only its owner may read the client secret"


def test_keys_are_kept_between_runs(tmp_path: Path) -> None:
    first = KeyRing(tmp_path).key("police", "ES256")
    assert KeyRing(tmp_path).key("police", "ES256").kid == first.kid
    assert (tmp_path / "police.jwk.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "http://localhost/elsewhere"},
        {"client_id": "somebody"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
        {"response_type": "token"},
        {"scope": "email"},
    ],
    ids=str,
)
def test_it_refuses_a_request_that_a_real_provider_would_refuse(change: dict[str, str]) -> None:
    asked = {
        "client_id": "portal",
        "redirect_uri": "http://localhost/back",
        "response_type": "code",
        "scope": "openid",
        "code_challenge_method": "S256",
        "code_challenge": "x" * 43,
    }
    client = create_provider(make_directory(), environment="test").test_client()
    assert client.get("/police/authorize", query_string=asked).status_code == 200
    assert client.get("/police/authorize", query_string=asked | change).status_code == 400
