"""Providers that run once for all tests of sign-in and behave again before each of them."""

from collections.abc import Iterator

import pytest

from tests.sign_in.providers import Providers, organisations, running_providers


@pytest.fixture(scope="session")
def provider_server() -> Iterator[Providers]:
    with running_providers() as providers:
        yield providers


@pytest.fixture
def providers(provider_server: Providers) -> Providers:
    provider_server.app.state.faults.clear()
    provider_server.directory.add(organisations())
    return provider_server
