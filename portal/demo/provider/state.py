"""What the demonstration providers know while they run."""

import time
from dataclasses import dataclass, field

from flask import abort, current_app
from itsdangerous import URLSafeTimedSerializer

from portal.demo.provider.directory import Directory, Organisation
from portal.demo.provider.tokens import BEHAVES, Faults, Grants, KeyRing, SigningKey


@dataclass(kw_only=True)
class State:
    """Directory, keys, what was granted, and what the tests told a provider to do wrong."""

    directory: Directory
    keys: KeyRing
    requests: URLSafeTimedSerializer
    grants: Grants = field(default_factory=Grants)
    faults: dict[str, Faults] = field(default_factory=dict)

    def key(self, organisation: Organisation) -> SigningKey:
        """The key with which an organisation signs now."""
        return self.keys.key(organisation.code, organisation.algorithm)

    def misbehaves(self, code: str) -> Faults:
        """What the organisation's provider does wrong at present."""
        return self.faults.get(code, BEHAVES)


def state() -> State:
    """What the application that answers the present request knows."""
    known: State = current_app.extensions["provider"]
    return known


def organisation_or_404(code: str) -> Organisation:
    """The organisation whose provider is addressed."""
    organisation = state().directory.organisations.get(code)
    if organisation is None:
        abort(404)
    return organisation


def answering(code: str) -> Faults:
    """The faults of a provider that the portal calls, after acting out the coarse ones."""
    faults = state().misbehaves(code)
    time.sleep(faults.slow)
    if faults.down:
        abort(503)
    return faults
