"""A certificate that a server of this machine shows to itself, and which lets in nobody who does not hold its key."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from devstack.servers.local_secrets import write_private_file

CLOCK_SKEW, VALIDITY = timedelta(days=1), timedelta(days=3650)


def write_self_signed_certificate(certificate: Path, key: Path, *, name: str, host: str) -> None:
    """Make a key and a certificate that is its own authority, for both ends of a line; both files are their owner's alone."""
    secret = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    both_ends = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    signed = (
        x509.CertificateBuilder(
            issuer_name=subject,
            subject_name=subject,
            public_key=secret.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=now - CLOCK_SKEW,
            not_valid_after=now + VALIDITY,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage(both_ends), critical=False)
        .sign(secret, hashes.SHA256())
    )
    write_private_file(certificate, signed.public_bytes(Encoding.PEM).decode())
    write_private_file(key, secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())
