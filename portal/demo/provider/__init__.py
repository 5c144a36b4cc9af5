"""OpenID Connect identity providers for a demonstration and for the tests.

One process on the loopback address plays the provider of every demonstration organisation, each under an
issuer of its own (``http://127.0.0.1:5001/police``). The protocol is real: discovery, a key set, the
authorization code flow with PKCE, signed tokens, sign-out and back-channel sign-out. Only the proof of
identity is missing: whoever opens the page chooses who to be. That is why it refuses to start anywhere else.
"""

from portal.demo.provider.app import Provider, create_provider
from portal.demo.provider.directory import Client, Directory, Organisation, Person
from portal.demo.provider.tokens import Faults

__all__ = ["Client", "Directory", "Faults", "Organisation", "Person", "Provider", "create_provider"]
