"""Tokens and signatures.

A token is random, carries a readable prefix for secret scanners, is shown once and stored only as
a hash. What we hand out and want back unchanged (cursors) is signed with the application's secret.
"""

import base64
import binascii
import hashlib
import hmac
import secrets


def new_token(prefix: str) -> str:
    """A fresh secret of 256 bits, such as `tr_at_…`."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def token_hash(token: str) -> bytes:
    """What is stored of a token. SHA-256 suffices: the input has 256 random bits, not a password's."""
    return hashlib.sha256(token.encode()).digest()


def same(left: str, right: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


class Signer:
    """Signs short texts for one purpose, so that a cursor cannot be passed off as something else."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._key = hashlib.sha256(f"{purpose}:{secret}".encode()).digest()

    def derived(self, purpose: str) -> "Signer":
        """A signer of the same secret for another purpose."""
        return Signer(self._key.hex(), purpose)

    def sign(self, text: str) -> str:
        """`text` with its seal, URL-safe."""
        body = text.encode()
        seal = hmac.new(self._key, body, hashlib.sha256).digest()[:16]
        return base64.urlsafe_b64encode(seal + body).decode().rstrip("=")

    def open(self, sealed: str) -> str | None:
        """The text inside, or None when the seal does not hold."""
        try:
            raw = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
            seal, body = raw[:16], raw[16:]
            expected = hmac.new(self._key, body, hashlib.sha256).digest()[:16]
            return body.decode() if hmac.compare_digest(seal, expected) else None
        except (binascii.Error, ValueError):
            return None
