"""An authority that issues certificates to the processes of a test."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)
NOW = datetime.now(UTC)  # noqa: TID251 - certificates are dated by the clock of the machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A certificate and its key, as they stand in files."""

    certificate: bytes
    key: bytes


class Authority:
    """Signs what it is asked to."""

    def __init__(self, name: str = "authority") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        made = _builder(self._name, self._name, self._key, NOW - DAY, NOW + 365 * DAY)
        limits = x509.BasicConstraints(ca=True, path_length=None)
        self._certificate = made.add_extension(limits, critical=True).sign(self._key, SHA256())

    @property
    def pem(self) -> bytes:
        """Return the certificate that peers are to believe."""
        return self._certificate.public_bytes(Encoding.PEM)

    def issue(
        self,
        *names: str,
        since: datetime = NOW - DAY,
        until: datetime = NOW + 30 * DAY,
    ) -> Issued:
        """Return a certificate for names: spiffe://…, an IP address or a name of DNS.

        What follows DNS: is one of DNS whatever it looks like.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        made = _builder(_named("process"), self._name, key, since, until)
        if names:
            listed = x509.SubjectAlternativeName([_general(it) for it in names])
            made = made.add_extension(listed, critical=False)
        signed = made.sign(self._key, SHA256())
        encoding = PrivateFormat.PKCS8, NoEncryption()
        return Issued(
            certificate=signed.public_bytes(Encoding.PEM),
            key=key.private_bytes(Encoding.PEM, *encoding),
        )


def write(directory: Path, issued: Issued, authority: bytes) -> None:
    """Put tls.crt, tls.key and ca.crt where a process reads them, as a mounted secret has them."""
    directory.mkdir(exist_ok=True)
    for name, content in (
        ("tls.crt", issued.certificate),
        ("tls.key", issued.key),
        ("ca.crt", authority),
    ):
        fresh = directory / f"{name}.new"
        fresh.touch(mode=0o600)
        fresh.write_bytes(content)
        fresh.replace(directory / name)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    since: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
    dated = builder.not_valid_before(since).not_valid_after(until)
    return dated.public_key(key.public_key()).serial_number(x509.random_serial_number())


def _general(name: str) -> x509.GeneralName:
    if name.startswith("spiffe:"):
        return x509.UniformResourceIdentifier(name)
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name.removeprefix("DNS:"))
