"""What is wrong with a certificate, and until when one holds, so that nobody takes it for an outage."""

import os
import smtplib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from portal import clock

#: OpenSSL's numbers for what it found.
_FAULTS = {
    9: "is not valid yet",
    10: "has expired",
    18: "is signed by itself and not trusted",
    19: "is signed by an authority that is not trusted",
    20: "is signed by an authority that is not trusted",
    21: "is signed by an authority that is not trusted",
    62: "is made out to another name",
    64: "is made out to another name",
}
#: And the words in which PostgreSQL's library says it.
_SAID = (
    ("does not match host name", "is made out to another name"),
    ("certificate has expired", "has expired"),
    ("certificate is not yet valid", "is not valid yet"),
    ("certificate verify failed", "is signed by an authority that is not trusted"),
    ("root certificate file", "cannot be checked: there is no file of authorities"),
)
_TIMEOUT = 5  # seconds


def bundle() -> str | bool:
    """What the certificates of identity providers are checked by: the system's bundle, or SSL_CERT_FILE.

    The library that asks them would bring authorities of its own otherwise, and know no organisation's.
    """
    for named in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        if path := os.environ.get(named):
            return path
    found = ssl.get_default_verify_paths()
    return found.cafile or found.capath or True


def fault_of(error: BaseException) -> str:
    """What is wrong with a certificate, where that is why something failed; otherwise nothing."""
    for one in _behind(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return _FAULTS.get(one.verify_code, "cannot be checked")
        if type(one).__module__.startswith("psycopg"):
            said = str(one)
            return next((fault for words, fault in _SAID if words in said), "")
    return ""


def _behind(error: BaseException) -> Iterator[BaseException]:
    """An error and those that it was made of: libraries wrap one another's."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = (one.__cause__, one.__context__, getattr(one, "reason", None), getattr(one, "orig", None))
        waiting += [each for each in (*inner, *one.args) if isinstance(each, BaseException)]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a certificate is shown, and which setting says by what it is checked."""

    what: str
    host: str
    port: int
    setting: str
    speaks: str = "tls"  # or "starttls", as mail servers do, or "postgresql"
    ca: str | None = None

    def look(self, *, days: int) -> tuple[bool, str]:
        """Whether all is well for so many days, and a sentence."""
        called = f"The certificate of {self.what} ({self.host})"
        try:
            until = self._until()
        except (OSError, ValueError) as error:
            fault = fault_of(error)
            if not fault:
                return False, f"{self.what} ({self.host}) was not reached: {type(error).__name__}."
            return False, f"{called} {fault}. Look at {self.setting}."
        left = (until - clock.now()).days
        if left < days:
            soon = f"{left} {'day' if left == 1 else 'days'}"
            return False, f"{called} expires in {soon}, on {until:%-d %B %Y}. Renew it."
        return True, f"{called} holds until {until:%-d %B %Y}."

    def _until(self) -> datetime:
        trusted = _context(self.ca)
        if self.speaks == "starttls":
            with smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT) as server:
                server.starttls(context=trusted)
                return _end(server.sock)
        with socket.create_connection((self.host, self.port), timeout=_TIMEOUT) as plain:
            if self.speaks == "postgresql":
                plain.sendall((8).to_bytes(4, "big") + (80877103).to_bytes(4, "big"))
                if plain.recv(1) != b"S":
                    raise ValueError("it speaks no TLS")
            with trusted.wrap_socket(plain, server_hostname=self.host) as safe:
                return _end(safe)


def _end(safe: object) -> datetime:
    shown = safe.getpeercert() if isinstance(safe, ssl.SSLSocket) else None
    if not shown:
        raise ValueError("it shows no certificate")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)


def _context(ca: str | None) -> ssl.SSLContext:
    """What trusts the authorities of a file, of a folder, or of the system."""
    if ca is not None and Path(ca).is_dir():
        return ssl.create_default_context(capath=ca)
    return ssl.create_default_context(cafile=ca)
