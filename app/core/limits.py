"""Rate limits, shared between processes: GCRA on one table, `system.allowances`.

A process takes a caller's allowance in batches of a hundredth and spends them by itself, so a caller
far below a limit costs no statement, and all processes together never grant more than the limit.
What is refused is refused from memory until the moment it would be granted again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    LargeBinary,
    Row,
    cast,
    extract,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from app.core import clock
from app.core.crypto import token_hash
from app.core.errors import TooMany

SECOND = 1_000_000
"""Times are whole microseconds."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_REMEMBERED = 20_000
"""Callers and tokens a process remembers; what was not seen the longest is forgotten first."""


@dataclass(frozen=True)
class Policy:
    """So many requests in so many seconds; what was used comes back evenly."""

    name: str
    quota: int
    seconds: int

    def times(self, factor: int) -> "Policy":
        """The same with `factor` times the requests."""
        return Policy(self.name, self.quota * factor, self.seconds)

    @property
    def every(self) -> int:
        """How long one request takes to come back."""
        return max(1, self.seconds * SECOND // self.quota)

    @property
    def batch(self) -> int:
        """How much a process takes at once."""
        return max(1, self.quota // 100)


@dataclass(frozen=True)
class Charge:
    """One request, on the account of `who` under a policy."""

    policy: Policy
    who: str


@dataclass
class Account:
    """What this process knows and holds of one caller's allowance."""

    policy: Policy
    key: bytes
    held: int = 0
    held_until: int = 0
    remaining: int = 0
    closed_until: int = 0
    full_at: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def left(self) -> int:
        return self.held + self.remaining

    def hold(self, row: Row[Any], now: int) -> None:
        """Keep what was granted at `now`, and what was said of the rest."""
        self.held, self.remaining = row.granted, row.remaining
        # what was not spent by then has come back to everybody
        self.held_until = now + self.policy.seconds * SECOND
        # a clock that was set back has not closed anything
        self.closed_until = now + row.wait if row.wait else 0
        self.full_at = now + row.full_in


class KnownTokens:
    """Whose a token is, as this process has learnt it: organisation and person. It lets nobody in; it
    only says whom a request is charged to before anybody is let in."""

    def __init__(self) -> None:
        self._of: OrderedDict[bytes, tuple[UUID, UUID]] = OrderedDict()

    def of(self, token: str | None) -> tuple[UUID, UUID] | None:
        """Organisation and person, or None for a token that was not let in yet."""
        return self.of_hash(token_hash(token)) if token else None

    def of_hash(self, mark: bytes) -> tuple[UUID, UUID] | None:
        """The same, by the token's hash."""
        return self._of.get(mark)

    def forget(self, token: str | None) -> None:
        """`token` lets nobody in any more: whoever still sends it is charged as an address."""
        if token:
            self._of.pop(token_hash(token), None)

    def remember(self, token: str, org_id: UUID, user_id: UUID) -> None:
        """`token` was let in as this person."""
        self.remember_hash(token_hash(token), org_id, user_id)

    def remember_hash(self, mark: bytes, org_id: UUID, user_id: UUID) -> None:
        """The same, by the token's hash."""
        self._of[mark] = (org_id, user_id)
        self._of.move_to_end(mark)
        if len(self._of) > MOST_REMEMBERED:
            self._of.popitem(last=False)


class Limits:
    """The accounts of one process."""

    def __init__(self, engine: AsyncEngine, *, times: int = 1) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._times = times
        self._accounts: OrderedDict[bytes, Account] = OrderedDict()

    async def spend(self, charges: Sequence[Charge]) -> list[Account]:
        """Charge one request to each; the accounts, to be shown.

        Raises `TooMany` when one of them has nothing left; then none is charged.
        """
        charged: list[Account] = []
        for charge in charges:
            account = self._account(charge)
            if not await self._take(account):
                for other in charged:
                    other.held += 1
                raise _refusal(account)
            charged.append(account)
        return charged

    def _account(self, charge: Charge) -> Account:
        key = _key(charge)
        account = self._accounts.get(key)
        if account is None:
            account = self._accounts[key] = Account(charge.policy.times(self._times), key)
            if len(self._accounts) > MOST_REMEMBERED:
                self._accounts.popitem(last=False)
        else:
            self._accounts.move_to_end(key)
        return account

    async def _take(self, account: Account) -> bool:
        granted = _known(account)
        if granted is None:
            async with account.lock:  # many that wait here share the batch of the first
                granted = _known(account)
                if granted is None:
                    await self._fetch(account)
                    granted = _known(account)
        if granted:
            account.held -= 1
        return bool(granted)

    async def _fetch(self, account: Account) -> None:
        now = _now()
        async with self._engine.connect() as connection:
            row = await _taken(connection, account, account.policy.batch)
        # nothing is awaited from here to the look that follows: others would take it in between
        account.hold(row, now)


def _key(charge: Charge) -> bytes:
    return sha256(f"{charge.policy.name} {charge.who}".encode()).digest()


async def _taken(
    connection: AsyncConnection | AsyncSession, account: Account, many: int
) -> Row[Any]:
    """What is granted of so many out of everybody's allowance."""
    policy = account.policy
    taken = func.system.take(
        cast(account.key, LargeBinary),
        cast(many, Integer),
        cast(policy.every, BigInteger),
        cast(policy.quota, Integer),
        _shared_now(),
    ).table_valued("granted", "remaining", "wait", "full_in")
    return (await connection.execute(select(taken))).one()


async def spend_with(session: AsyncSession, charge: Charge) -> None:
    """Charge something that a verb does, in its own transaction: what is undone was not charged.

    Raises `TooMany`.
    """
    account = Account(charge.policy, _key(charge))
    now = _now()
    account.hold(await _taken(session, account, 1), now)
    if not account.held:
        raise _refusal(account)


def _known(account: Account) -> bool | None:
    """Whether it is granted, as far as this process knows by itself."""
    now = _now()
    if now < account.closed_until <= now + account.policy.seconds * SECOND:
        return False
    return True if account.held and account.held_until > now else None


async def sweep(engine: AsyncEngine, most: int) -> int:
    """Forget at most so many callers whose allowance is whole again; how many it were."""
    async with engine.begin() as connection:
        return int(
            await connection.scalar(select(func.system.forget_allowances(_shared_now(), most))) or 0
        )


def _now() -> int:
    return (clock.now() - EPOCH) // timedelta(microseconds=1)


def _shared_now() -> ColumnElement[int]:
    return cast(extract("epoch", clock.of_the_database()) * SECOND, BigInteger)


def seconds_until(moment: int) -> int:
    """Whole seconds until a moment, rounded up, never negative."""
    return max(0, -((_now() - moment) // SECOND))


def _refusal(account: Account) -> TooMany:
    policy = account.policy
    wait = max(1, seconds_until(account.closed_until))
    return TooMany(
        f"Too many requests: at most {policy.quota} in {_span(policy.seconds)} are taken here."
        f" Try again in {wait} second{'s' * (wait != 1)}.",
        headers={"Retry-After": str(wait), **headers([account])},
        policy=policy.name,
    )


def _span(seconds: int) -> str:
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds % length == 0:
            many = seconds // length
            return f"{many} {unit}s" if many > 1 else f"one {unit}"
    return f"{seconds} seconds"


def headers(accounts: Sequence[Account]) -> dict[str, str]:
    """`RateLimit` and `RateLimit-Policy` as draft-ietf-httpapi-ratelimit-headers writes them."""
    return {
        "RateLimit-Policy": ", ".join(
            f'"{one.policy.name}";q={one.policy.quota};w={one.policy.seconds}' for one in accounts
        ),
        "RateLimit": ", ".join(
            f'"{one.policy.name}";r={one.left};t={seconds_until(one.full_at)}' for one in accounts
        ),
    }
