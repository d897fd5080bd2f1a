"""Personal fields at rest: AES-256-GCM, bound to their table, column and row.

Stored form: key number (1 byte), nonce (12), ciphertext with tag. The key number leaves room for
rotation; the keys are derived from the installation's secret with HKDF-SHA256 (RFC 5869).
"""

import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.core.settings import get_settings

CURRENT_KEY = 1


@lru_cache
def derive(purpose: str) -> bytes:
    """A 32-byte key for one purpose."""
    secret = get_settings().secret_key.get_secret_value().encode()
    return HKDF(algorithm=SHA256(), length=32, salt=b"onemap", info=purpose.encode()).derive(secret)


def seal(text: str, where: str) -> bytes:
    """Encrypt ``text``; ``where`` ("table.column/row id") must be named again to open it."""
    nonce = secrets.token_bytes(12)
    box = AESGCM(derive(f"field-{CURRENT_KEY}")).encrypt(nonce, text.encode(), where.encode())
    return bytes([CURRENT_KEY]) + nonce + box


def unseal(box: bytes, where: str) -> str:
    """Decrypt what `seal` made; raises ``InvalidTag`` when the box was moved or changed."""
    key, nonce, body = box[0], box[1:13], box[13:]
    return AESGCM(derive(f"field-{key}")).decrypt(nonce, body, where.encode()).decode()


def blind(text: str, purpose: str) -> bytes:
    """A keyed fingerprint for equality search (HMAC-SHA256); useless without the key."""
    return hmac.digest(derive(f"blind-{purpose}"), text.encode(), hashlib.sha256)


def mask_phone(phone: str) -> str:
    """``138****5678``; shorter numbers keep only their last two digits."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "*" * 4 + phone[-2:]
