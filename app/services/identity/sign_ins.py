"""The history of sign-ins: one's own, and for those who look after the organisation, its members'.

A try that went wrong is known by its e-mail only, so it is told to whoever has that e-mail, and to the
organisations they belong to; one that went well is told to the organisation it led to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.core.listing import Column, Filter, ListQuery
from app.models.identity import Membership, Proof, SignInAttempt, User
from app.services.context import Ctx


class SignInQuery(ListQuery):
    """Filters and sorts of the lists of sign-ins."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": SignInAttempt.created_at}

    succeeded: Annotated[bool | None, Filter(SignInAttempt.succeeded)] = None


class MembersSignInQuery(SignInQuery):
    """The same, of one member if wanted."""

    member_id: UUID | None = None


@dataclass(frozen=True)
class SignInTold:
    """One try, and whose it was."""

    id: UUID
    created_at: datetime
    proof: Proof
    succeeded: bool
    member_id: UUID
    email: str
    ip: str | None
    user_agent: str


def _mark() -> ColumnElement[bytes]:
    return func.sha256(func.convert_to(User.email, "UTF8"))


def mine(ctx: Ctx) -> Select[SignInAttempt]:
    """One's own tries, wherever they led."""
    own = select(_mark()).where(User.id == ctx.user_id).scalar_subquery()
    return select(SignInAttempt).where(
        or_(SignInAttempt.user_id == ctx.user_id, SignInAttempt.email_hash == own)
    )


def members(ctx: Ctx, query: MembersSignInQuery) -> Select[SignInAttempt]:
    """The tries of this organisation's members, as far as they concern it."""
    people = _people(ctx)
    if query.member_id is not None:
        people = people.where(User.id == query.member_id)
    marks = people.with_only_columns(_mark())
    ids = people.with_only_columns(User.id)
    failed = and_(
        SignInAttempt.succeeded.is_(False),
        or_(SignInAttempt.email_hash.in_(marks), SignInAttempt.user_id.in_(ids)),
    )
    led_here = and_(SignInAttempt.org_id == ctx.org_id, SignInAttempt.user_id.in_(ids))
    return select(SignInAttempt).where(or_(failed, led_here))


def _people(ctx: Ctx) -> Select[User]:
    return (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.org_id == ctx.org_id)
    )


async def told(ctx: Ctx, tries: Sequence[SignInAttempt]) -> list[SignInTold]:
    """Each try with its person, in the same order; one statement for all."""
    of_these = or_(
        User.id.in_([one.user_id for one in tries if one.user_id is not None]),
        _mark().in_([one.email_hash for one in tries]),
    )
    rows = await ctx.session.execute(
        select(User.id, User.email, _mark()).where(
            of_these,
            or_(
                User.id == ctx.user_id,
                User.id.in_(_people(ctx).with_only_columns(User.id)),
            ),
        )
    )
    by_id: dict[UUID, tuple[UUID, str]] = {}
    by_mark: dict[bytes, tuple[UUID, str]] = {}
    for id, email, mark in rows:
        by_id[id] = by_mark[bytes(mark)] = (id, email)
    found = []
    for one in tries:
        person = by_id.get(one.user_id) if one.user_id else None
        member_id, email = person or by_mark[bytes(one.email_hash)]
        ip = str(one.ip) if one.ip else None
        found.append(
            SignInTold(
                one.id, one.created_at, Proof(one.proof), one.succeeded, member_id, email, ip,
                one.user_agent,
            )
        )  # fmt: skip
    return found
