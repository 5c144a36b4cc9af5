"""A real SMTP server on loopback, with TLS and sign-in, that can be told to misbehave."""

import asyncio
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
USER, PASSWORD = "portal", "opensesame"
OK = "250 2.0.0 OK"
DROP, HANG = "drop", "hang"  # after a mail was taken: hang up, or never answer


@dataclass
class Arrived:
    """One mail as it arrived, with its envelope."""

    sender: str
    to: tuple[str, ...]
    source: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.source, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class Behaviour:
    """What the server answers, and what it took. `at_rcpt` and `at_data` are asked for every address."""

    at_rcpt: Callable[[str], str] = lambda _address: OK
    at_data: Callable[[str], str] = lambda _address: OK
    arrived: list[Arrived] = field(default_factory=list)
    connections: int = 0

    async def handle_EHLO(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: SMTP, session: Session, _envelope: Envelope, name: str, answers: list[str]
    ) -> list[str]:
        session.host_name = name
        self.connections += 1
        return answers

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.at_rcpt(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd looks for this name
        answer = self.at_data(envelope.rcpt_tos[0])
        if answer == HANG:
            await asyncio.sleep(3600)
        if answer.startswith("250") or answer == DROP:
            content = envelope.original_content or b""
            self.arrived.append(Arrived(envelope.mail_from or "", tuple(envelope.rcpt_tos), content))
        if answer == DROP:
            hang_up(server)
        return answer


@dataclass(frozen=True)
class Certificate:
    """Of the server, and the file to check it by."""

    context: ssl.SSLContext
    file: str


def make_certificate(folder: Path, *, host: str = HOST) -> Certificate:
    """A fresh one for `host`, signed by itself.

    It is valid on every day: tests stop Python's clock, and what checks a certificate asks the machine's.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    names = x509.SubjectAlternativeName(
        [x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(1970, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(9999, 12, 31, tzinfo=UTC))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, secret = folder / f"{host}.pem", folder / f"{host}.key"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, secret)
    return Certificate(context, str(file))


def _sign_in(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any
) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=right, handled=False)  # the server itself answers


@contextmanager
def listening(
    behaviour: Behaviour,
    *,
    security: str = "none",
    certificate: Certificate | None = None,
    sign_in: bool = False,
    port: int = 0,
) -> Iterator[int]:
    """Take mail in a thread of its own. Gives the port.

    Args:
        security: `none`, `starttls`, or `tls` from the first byte.
        sign_in: take nothing from somebody who has not signed in as USER with PASSWORD.
    """
    context = certificate.context if certificate else None
    loop = asyncio.new_event_loop()

    served: list[SMTP] = []

    def one() -> SMTP:
        with warnings.catch_warnings(action="ignore"):  # it does not see TLS that was there before it
            served.append(
                SMTP(
                    behaviour,
                    hostname="mail.example",
                    loop=loop,
                    tls_context=context if security == "starttls" else None,
                    require_starttls=security == "starttls",
                    authenticator=_sign_in if sign_in else None,
                    auth_required=sign_in,
                    auth_require_tls=security == "starttls",
                )
            )
        return served[-1]

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()  # before the server: a browser test may have left a loop running in this thread
    starting = loop.create_server(one, HOST, port, ssl=context if security == "tls" else None)
    server = asyncio.run_coroutine_threadsafe(starting, loop).result(5)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_close(server, served), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def hang_up(server: SMTP) -> None:
    """Drop the connection without a word."""
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()


async def _close(server: asyncio.Server, served: list[SMTP]) -> None:
    server.close()
    for one in served:
        hang_up(one)
    await asyncio.sleep(0.01)  # a connection closes on the next turns of the loop
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
