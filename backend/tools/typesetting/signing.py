"""Signing documents behind one small interface.

The installation's own signer is for demonstration: its certificate is made by itself, nobody
vouches for it, and every document says so (演示 无法律效力). A city's real one, a service with
accredited keys (GB/T 38540 seals), takes its place by answering the same call.
"""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol, TypeVar

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from backend.core.crypto import derive

log = structlog.get_logger()
MARK = "演示 无法律效力"
# NIST P-256, SEC 2: a private key is a number from 1 to the order less one.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


Answer = TypeVar("Answer")


class Signer(Protocol):
    """What signs a PDF."""

    def sign(self, pdf: bytes, reason: str) -> bytes:
        """The same document with a signature over all of it."""
        ...


class DemoSigner:
    """Signs with a certificate that the installation made itself, from its own secret."""

    def __init__(self) -> None:
        secret = int.from_bytes(derive("demo-signer")) % (ORDER - 1) + 1
        self._key = ec.derive_private_key(secret, ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"OneMap {MARK}")])
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
            .not_valid_after(datetime(2046, 1, 1, tzinfo=UTC))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=True, content_commitment=True, key_cert_sign=True,
                    key_encipherment=False, data_encipherment=False, key_agreement=False,
                    crl_sign=False, encipher_only=False, decipher_only=False,
                ),
                critical=True,
            )
            # Always the same bytes: every process must know its own certificate again.
            .sign(self._key, hashes.SHA256(), ecdsa_deterministic=True)
        )  # fmt: skip

    def sign(self, pdf: bytes, reason: str) -> bytes:
        """The same document with a PAdES signature over all of it."""
        password = derive("demo-signer-box").hex().encode()
        box = pkcs12.serialize_key_and_certificates(
            b"onemap", self._key, self.certificate, None, BestAvailableEncryption(password)
        )
        signer = signers.SimpleSigner.load_pkcs12_data(box, other_certs=[], passphrase=password)
        assert signer is not None
        out = io.BytesIO()
        _apart(
            lambda: signers.sign_pdf(
                IncrementalPdfFileWriter(io.BytesIO(pdf)),
                signers.PdfSignatureMetadata(field_name="OneMap", reason=f"{reason} {MARK}"),
                signer=signer, output=out,
            )
        )  # fmt: skip
        return out.getvalue()


def _apart(what: Callable[[], Answer]) -> Answer:
    """Run in a thread of its own: the library starts an event loop, and the caller may have one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(what).result()


@lru_cache
def get_signer() -> DemoSigner:
    """The signer of this installation."""
    return DemoSigner()


def holds(pdf: bytes) -> bool:
    """Whether a document is as this installation signed it: not a byte more, less or other."""
    own = load_certs_from_pemder_data(get_signer().certificate.public_bytes(Encoding.DER))
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        (signature,) = reader.embedded_signatures
        status = _apart(
            lambda: validate_pdf_signature(
                signature, ValidationContext(trust_roots=list(own), allow_fetching=False)
            )
        )
    except Exception as fault:  # a broken file can make the reader raise anything at all
        log.warning("signature cannot be read", because=repr(fault)[:200])
        return False
    return bool(status.bottom_line) and status.coverage is SignatureCoverageLevel.ENTIRE_FILE
