"""Passwords: Argon2id, at least 8 characters, none that everybody tries first.

Hashing costs a sixth of a second of CPU and 64 MB, so it runs in a small pool of its own, with a
queue that has an end: a burst of sign-ins waits for its turn and does not starve the rest. The same
characters written in two ways (a Mac's é and a PC's) are one password.
"""

import asyncio
import base64
import secrets
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

import argon2
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from app.core.errors import Unavailable, invalid_field

R = TypeVar("R")

MIN_LENGTH, MAX_LENGTH = 8, 256
COMMON = 3000
"""How many of the most used passwords of allowed length are refused (ASVS 6.2.4)."""
WORKERS, MOST_WAITING = 2, 60
"""Sixty waiting are five seconds; later ones are better told to come back."""

_hasher = PasswordHash((Argon2Hasher(),))
_pool = ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="argon2")
_waiting = 0


def _of_nobody() -> str:
    """A hash that no password has, verified for an unknown e-mail so that it takes as long."""

    def text(raw: bytes) -> str:
        return base64.b64encode(raw).decode().rstrip("=")

    salt = secrets.token_bytes(argon2.DEFAULT_RANDOM_SALT_LENGTH)
    digest = secrets.token_bytes(argon2.DEFAULT_HASH_LENGTH)
    cost = (
        f"m={argon2.DEFAULT_MEMORY_COST},t={argon2.DEFAULT_TIME_COST}"
        f",p={argon2.DEFAULT_PARALLELISM}"
    )
    return f"$argon2id$v=19${cost}${text(salt)}${text(digest)}"


NOBODY = _of_nobody()


@lru_cache(1)
def _common() -> frozenset[str]:
    allowed = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= MIN_LENGTH]
    return frozenset(allowed[:COMMON])


def refuse_weak(password: str, context: Iterable[str], *, field: str = "password") -> None:
    """Raise `Invalid` for a password that is short, common, or made of what is known of its owner.

    `context` holds e-mail, names and the like. No rule about character classes: length and not
    being guessable are what help (NIST SP 800-63B, 5.1.1.2).
    """
    password = _one_form(password)
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
    """The Argon2id hash of a password. Raises `Unavailable` when too many are waiting."""
    return await _in_turn(lambda: _hasher.hash(_one_form(password)))


async def verify(password: str, stored: str | None) -> bool:
    """Whether `password` is the one; with nothing stored it takes as long and is False.

    Raises `Unavailable` when too many are waiting.
    """
    right = await _in_turn(lambda: _hasher.verify(_one_form(password), stored or NOBODY))
    return right and stored is not None


def _one_form(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


async def _in_turn(work: Callable[[], R]) -> R:
    global _waiting
    if _waiting >= MOST_WAITING:
        raise Unavailable(
            "Too many people are signing in at this moment. Try again in a few seconds.",
            code="busy",
            headers={"Retry-After": "5"},
        )
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_pool, work)
    finally:
        _waiting -= 1
