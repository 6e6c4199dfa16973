import stat
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from devstack.servers import tls


def test_key_and_certificate_match_and_have_mode_0600(tmp_path: Path) -> None:
    certificate_path, key_path = tmp_path / "inner.pem", tmp_path / "inner.key"
    tls.write_self_signed_certificate(certificate_path, key_path, name="store", host="localhost")
    certificate = x509.load_pem_x509_certificate(certificate_path.read_bytes())
    assert load_pem_private_key(key_path.read_bytes(), password=None).public_key() == certificate.public_key()
    certificate.verify_directly_issued_by(certificate)
    assert {stat.S_IMODE(file.stat().st_mode) for file in (certificate_path, key_path)} == {0o600}


def test_every_call_creates_a_new_key(tmp_path: Path) -> None:
    certificate_path, key_path = tmp_path / "inner.pem", tmp_path / "inner.key"
    tls.write_self_signed_certificate(certificate_path, key_path, name="store", host="localhost")
    first_key = key_path.read_bytes()
    tls.write_self_signed_certificate(certificate_path, key_path, name="store", host="localhost")
    assert key_path.read_bytes() != first_key
