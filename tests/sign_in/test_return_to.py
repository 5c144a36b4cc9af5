"""After signing in a person gets where they were going, and nobody can send them anywhere else."""

import pytest

from portal.access.sign_in.attempt import ReturnAddresses, own_path

ELSEWHERE = [
    "https://evil.example/",
    "http:evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/%0d%0aSet-Cookie:x=y\r\n",
    "javascript:alert(1)",
    "evil.example",
    "/ /evil.example",
    " /cases",
    "",
    None,
    "/" + "a" * 600,
    "/sign-in/police",
    "/sign-out",
    "//[evil",
]


@pytest.mark.parametrize("address", ELSEWHERE, ids=repr)
def test_an_address_that_could_lead_elsewhere_is_dropped(address: str | None) -> None:
    assert own_path(address) is None
    assert ReturnAddresses("secret").sign(address) is None


def test_a_path_of_the_portal_survives() -> None:
    addresses = ReturnAddresses("secret")
    assert addresses.read(addresses.sign("/cases/CRE-7KQ2-9XWD?page=2")) == "/cases/CRE-7KQ2-9XWD?page=2"


@pytest.mark.parametrize("signed", ["/cases", "Ii9jYXNlcyI.forged", "", None], ids=repr)
def test_a_path_that_was_not_signed_here_is_dropped(signed: str | None) -> None:
    assert ReturnAddresses("secret").read(signed) is None


def test_even_a_signed_address_is_checked_again() -> None:
    addresses = ReturnAddresses("secret")
    forged = addresses._serializer.dumps("https://evil.example")
    assert addresses.read(str(forged)) is None
