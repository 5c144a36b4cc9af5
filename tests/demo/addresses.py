"""Where the demonstration would be."""

import pytest


def set_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `make demo` tells its processes."""
    monkeypatch.setenv("PROVIDER_ADDRESS", "http://127.0.0.1:5100")
    monkeypatch.setenv("PORTAL_ADDRESS", "http://127.0.0.1:5000")
    monkeypatch.setenv("OIDC_SECRET_DEMO", "a secret of the demonstration")
