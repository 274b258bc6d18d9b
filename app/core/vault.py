"""Secrets at rest: each is sealed with a key of its own, and that key with one of the vault's.

What a seal is bound to (whose secret, of which record) is authenticated with it, so a sealed value
that is moved to another row or another organisation does not open. A vault knows several keys by
id: the first seals, all open. To rotate, put a new key first and keep the old ones until nothing
names them any more; `rewrap` moves a seal to the new key without opening the secret itself.
"""

import hashlib
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12
WRAPPED = NONCE + 32 + 16
"""A data key under a key of the vault: nonce, key, tag."""
KEY_ID_LIMIT = 32


class Unsealable(Exception):
    """The seal is not of this vault, not for this owner, or broken."""


class Vault:
    """Seals and opens. `keys` are secrets of any length by id; the first one seals."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        assert keys
        assert all(0 < len(id.encode()) <= KEY_ID_LIMIT for id in keys)
        self._keys = {
            id: AESGCM(hashlib.sha256(f"vault:{key}".encode()).digest()) for id, key in keys.items()
        }
        self._current = next(iter(keys))

    def seal(self, secret: bytes, bound_to: str) -> bytes:
        """`secret`, to be opened only with the same `bound_to`."""
        data_key, nonce = secrets.token_bytes(32), secrets.token_bytes(NONCE)
        sealed = AESGCM(data_key).encrypt(nonce, secret, bound_to.encode())
        return self._wrapped(data_key, bound_to) + nonce + sealed

    def open(self, sealed: bytes, bound_to: str) -> bytes:
        """The secret. Raises `Unsealable`."""
        data_key, rest = self._unwrapped(sealed, bound_to)
        try:
            return AESGCM(data_key).decrypt(rest[:NONCE], rest[NONCE:], bound_to.encode())
        except (InvalidTag, ValueError) as error:
            raise Unsealable("This secret does not open.") from error

    def rewrap(self, sealed: bytes, bound_to: str) -> bytes:
        """The same secret under the key that seals now. Raises `Unsealable`."""
        data_key, rest = self._unwrapped(sealed, bound_to)
        return self._wrapped(data_key, bound_to) + rest

    @property
    def mark(self) -> bytes:
        """What every value begins with that the present key sealed."""
        return _mark(self._current)

    def _wrapped(self, data_key: bytes, bound_to: str) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        wrapped = self._keys[self._current].encrypt(nonce, data_key, bound_to.encode())
        return self.mark + nonce + wrapped

    def _unwrapped(self, sealed: bytes, bound_to: str) -> tuple[bytes, bytes]:
        length = sealed[0] if sealed else 0
        key = self._keys.get(sealed[1 : 1 + length].decode(errors="replace"))
        start = 1 + length
        if key is None or len(sealed) < start + WRAPPED + NONCE:
            raise Unsealable("This secret was sealed with a key that is not known here.")
        wrapped = sealed[start : start + WRAPPED]
        try:
            data_key = key.decrypt(wrapped[:NONCE], wrapped[NONCE:], bound_to.encode())
        except InvalidTag as error:
            raise Unsealable("This secret does not open.") from error
        return data_key, sealed[start + WRAPPED :]


def _mark(key_id: str) -> bytes:
    raw = key_id.encode()
    return bytes([len(raw)]) + raw
