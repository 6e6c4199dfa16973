"""The certificate by which a server of this machine knows itself."""

import stat
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from devstack.servers import tls


def test_the_key_belongs_to_the_certificate_and_both_are_their_owners_alone(tmp_path: Path) -> None:
    shown, key = tmp_path / "inner.pem", tmp_path / "inner.key"
    tls.write_self_signed_certificate(shown, key, name="store", host="localhost")
    made = x509.load_pem_x509_certificate(shown.read_bytes())
    assert load_pem_private_key(key.read_bytes(), password=None).public_key() == made.public_key()
    made.verify_directly_issued_by(made)
    assert {stat.S_IMODE(file.stat().st_mode) for file in (shown, key)} == {0o600}


def test_each_start_makes_another(tmp_path: Path) -> None:
    shown, key = tmp_path / "inner.pem", tmp_path / "inner.key"
    tls.write_self_signed_certificate(shown, key, name="store", host="localhost")
    before = key.read_bytes()
    tls.write_self_signed_certificate(shown, key, name="store", host="localhost")
    assert key.read_bytes() != before
