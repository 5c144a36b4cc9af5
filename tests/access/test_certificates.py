"""A certificate that is not good is named as such, with the host and the setting, and before it expires."""

import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.access.certificates import Place, bundle, fault_of
from portal.access.sign_in.discovery import NotFetched, fetch_json
from portal.model import new_id
from portal.records.people.model import IdentityProvider

#: The machine's own time: what checks a certificate asks for it, whatever a test says that the time is.
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Made:
    """A certificate with its key, and that of the authority that signed it."""

    shown: Path
    key: Path
    authority: str


def made(folder: Path, *, host: str = "localhost", starts: int = -30, ends: int = 365) -> Made:
    """A certificate from and until so many days from now, of an authority of its own."""
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority")])
    root = _signed(issuer, issuer, authority, authority.public_key(), (-40, 4000))
    root = root.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    leaf = _signed(subject, issuer, authority, key.public_key(), (starts, ends))
    leaf = leaf.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    files = Made(folder / "shown.pem", folder / "key.pem", str(folder / "authority.pem"))
    for builder, file in ((root, Path(files.authority)), (leaf, files.shown)):
        signed = builder.sign(authority, hashes.SHA256())
        file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files


def _signed(
    subject: x509.Name,
    issuer: x509.Name,
    authority: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePublicKey,
    days: tuple[int, int],
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1], hours=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False
        )
    )


@contextmanager
def serving(certificate: Made, answer: bytes = b"") -> Iterator[int]:
    """A server that shows a certificate and says one thing; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.shown, certificate.key)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    plain, _ = listening.accept()
                    plain.settimeout(5)
                    with context.wrap_socket(plain, server_side=True) as safe:
                        if answer:
                            safe.recv(4096)
                            safe.sendall(answer)
                except OSError:
                    continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            done.set()
            thread.join()


WRONG = [
    ({"ends": -1}, "has expired"),
    ({"starts": 1}, "is not valid yet"),
    ({"host": "other.example"}, "is made out to another name"),
]


@pytest.mark.parametrize(("how", "fault"), WRONG)
def test_each_fault_is_named_with_host_and_setting(tmp_path: Path, how: dict[str, int], fault: str) -> None:
    certificate = made(tmp_path, **how)  # type: ignore[arg-type] # one of them is a name
    with serving(certificate) as port:
        place = Place(
            what="The mail server", host="localhost", port=port, setting="SMTP_CA", ca=certificate.authority
        )
        well, sentence = place.look(days=30)
    assert not well
    assert f"(localhost) {fault}. Look at SMTP_CA." in sentence


def test_one_of_an_unknown_authority_is_not_trusted(tmp_path: Path) -> None:
    with serving(made(tmp_path)) as port:
        well, sentence = Place(what="It", host="localhost", port=port, setting="SSL_CERT_FILE").look(days=30)
    assert not well
    assert "not trusted. Look at SSL_CERT_FILE." in sentence


@pytest.mark.parametrize(("ends", "well"), [(10, False), (29, False), (31, True), (300, True)])
def test_it_warns_before_one_expires(tmp_path: Path, ends: int, well: bool) -> None:
    certificate = made(tmp_path, ends=ends)
    with serving(certificate) as port:
        found, sentence = Place(
            what="It", host="localhost", port=port, setting="SMTP_CA", ca=certificate.authority
        ).look(days=30)
    assert found is well
    assert ("expires in" in sentence) is not well


def test_a_provider_is_checked_by_the_one_documented_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = made(tmp_path)
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with serving(certificate, answer) as port:
        address = f"https://localhost:{port}/"
        with pytest.raises(NotFetched, match=r"not trusted\. Look at SSL_CERT_FILE"):
            fetch_json(address)
        monkeypatch.setenv("SSL_CERT_FILE", certificate.authority)
        assert bundle() == certificate.authority
        assert fetch_json(address) == {}


def test_the_fault_of_a_providers_certificate_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = made(tmp_path, ends=-1)
    monkeypatch.setenv("SSL_CERT_FILE", certificate.authority)
    with serving(certificate) as port, pytest.raises(NotFetched, match="certificate has expired"):
        fetch_json(f"https://localhost:{port}/")


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("SSL error: certificate verify failed", "is signed by an authority that is not trusted"),
        ("SSL error: certificate has expired", "has expired"),
        ('server certificate for "a" does not match host name "b"', "is made out to another name"),
        ("connection refused", ""),
    ],
)
def test_the_database_s_own_words_are_understood(said: str, fault: str) -> None:
    assert fault_of(OperationalError("select 1", {}, psycopg.OperationalError(said))) == fault


def test_the_page_for_a_database_that_is_away_logs_the_fault_of_its_certificate(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    answer: Callable[[Exception], object] = app.error_handler_spec[None][None][OperationalError]
    with app.test_request_context("/work"), caplog.at_level(logging.ERROR):
        answer(OperationalError("", {}, psycopg.OperationalError("SSL error: certificate has expired")))
    assert "certificate of the database has expired: look at sslrootcert" in caplog.text


def test_the_command_looks_at_every_provider_that_is_switched_on(
    app: Flask, rows: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = made(tmp_path, ends=10)
    monkeypatch.setenv("SSL_CERT_FILE", certificate.authority)
    with serving(certificate) as port:
        for code, active in (("on", True), ("off", False)):
            issuer = f"https://localhost:{port}/{code}"
            rows.add(
                IdentityProvider(
                    id=new_id(), code=code, name=code, issuer=issuer, client_id="x", active=active
                )
            )
        rows.commit()
        with app.app_context():
            soon = app.test_cli_runner().invoke(args=["certificates"])
            later = app.test_cli_runner().invoke(args=["certificates", "--days", "5"])
    assert soon.exit_code == 1
    assert soon.output.count("an identity provider (localhost) expires in") == 1, soon.output
    assert later.exit_code == 0, later.output
    assert "holds until" in later.output
