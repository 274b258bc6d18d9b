"""Passwords: Argon2id, at least 8 characters, none that everybody tries first.

Hashing costs a third of a second of CPU and 64 MB, so it runs in a small pool of its own: a burst of
sign-ins waits for its turn and does not starve the rest.
"""

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from app.core.errors import invalid_field

MIN_LENGTH, MAX_LENGTH = 8, 256
COMMON = 3000

_hasher = PasswordHash((Argon2Hasher(),))
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


@lru_cache(1)
def _common() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"][:COMMON])


@lru_cache(1)
def _nobody() -> str:
    # verified for an unknown e-mail, so that it takes as long as a wrong password
    return _hasher.hash("nobody has this password")


def refuse_weak(password: str, context: Iterable[str], *, field: str = "password") -> None:
    """Raise `Invalid` for a password that is short, common, or made of what is known of its owner.

    `context` holds e-mail, names and the like. No rule about character classes: length and not
    being guessable are what help (NIST SP 800-63B, 5.1.1.2).
    """
    if len(password) < MIN_LENGTH:
        raise invalid_field(field, f"Use at least {MIN_LENGTH} characters.", code="too_short")
    if len(password) > MAX_LENGTH:
        raise invalid_field(field, f"Use at most {MAX_LENGTH} characters.", code="too_long")
    plain = password.casefold()
    if plain in _common() or len(set(plain)) < 3:
        raise invalid_field(
            field, "This is one of the most used passwords; choose another.", code="too_common"
        )
    for word in context:
        for part in {word.casefold(), *word.casefold().replace("@", " ").replace(".", " ").split()}:
            if len(part) >= 4 and part in plain and len(plain) - len(part) < 6:
                raise invalid_field(
                    field, "Choose a password that does not contain your name or company.",
                    code="too_personal",
                )  # fmt: skip


async def hash_password(password: str) -> str:
    """The Argon2id hash of a password."""
    return await asyncio.get_running_loop().run_in_executor(_pool, _hasher.hash, password)


async def verify(password: str, stored: str | None) -> bool:
    """Whether `password` is the one; with nothing stored it takes as long and is False."""
    loop = asyncio.get_running_loop()
    right = await loop.run_in_executor(_pool, _hasher.verify, password, stored or _nobody())
    return right and stored is not None
