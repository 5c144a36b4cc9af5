"""A certificate authority for one run, which a browser trusts as it trusts any."""

import ipaddress
import os
import subprocess
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from portal import clock
from tests.rehearse.machine import program

_LASTS = timedelta(days=1)


class Authority:
    """Makes certificates in `folder`; `certificate` is the file by which to trust them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        folder.chmod(0o755)
        self.folder = folder
        self.certificate = folder / "authority.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of one rehearsal")])
        self._self = (
            self._builder(self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.certificate.write_bytes(self._self.public_bytes(serialization.Encoding.PEM))

    def prove(self, name: str, *, owner: int | None = None, calls: bool = False) -> tuple[Path, Path]:
        """The certificate and the key of the server with this name or address.

        Args:
            name: a host's name, or its number.
            owner: the user who may read the key; ourselves.
            calls: whether it proves itself to other servers, too.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            alternative = x509.DNSName(name)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        uses = [ExtendedKeyUsageOID.SERVER_AUTH, *([ExtendedKeyUsageOID.CLIENT_AUTH] if calls else [])]
        certificate = (
            self._builder(subject, key)
            .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        of_server, of_key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        of_server.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        of_key.touch(mode=0o600)
        of_key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        if owner is not None:
            os.chown(of_key, owner, -1)
        return of_server, of_key

    def trusted_by_browsers_of(self, home: Path) -> None:
        """Make the certificate store of somebody whose browsers trust this authority too."""
        store = home / ".pki" / "nssdb"
        store.mkdir(parents=True)
        certutil = program("certutil") or "certutil"
        where = f"sql:{store}"
        for arguments in (
            ["-N", "--empty-password"],
            ["-A", "-n", "rehearsal", "-t", "C,,", "-i", str(self.certificate)],
        ):
            subprocess.run([certutil, "-d", where, *arguments], check=True, capture_output=True)

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = clock.now()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=5))
            .not_valid_after(now + _LASTS)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
        )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
