"""Proving the journal: every entry digested again, every link of the chain made again.

An entry that was changed, removed or renumbered behind the application's back shows at its number.
Somebody who rewrites the whole chain with it is found by a head that was exported before. The
tables of the relay have no models (they are not tenant tables), so this module speaks SQL.
"""

from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import text

from app.services.context import Ctx

BATCH = 1000


@dataclass(frozen=True)
class Head:
    """The last number of an organisation's journal and the chain up to it."""

    seq: int
    chain: bytes


@dataclass(frozen=True)
class Break:
    """Where the journal stops being what was written, and how that shows."""

    seq: int
    entry_id: int | None
    reason: str


_HEAD = text("select seq, chain from system.journal_heads where org_id = :org")

_LINKS = text(
    "select n.seq, n.entry_id, n.digest, n.chain,"
    " case when j.id is not null then system.digest_of(j) end as present"
    " from system.journal_numbers n"
    " left join journal j on j.org_id = n.org_id and j.id = n.entry_id"
    " where n.org_id = :org and n.seq > :since order by n.seq limit :limit"
)


async def head(ctx: Ctx) -> Head:
    """The present head: keep it elsewhere, and no earlier entry can be rewritten unnoticed."""
    row = (await ctx.session.execute(_HEAD, {"org": ctx.org_id})).one_or_none()
    return Head(row.seq, bytes(row.chain)) if row else Head(0, b"")


async def verify(ctx: Ctx, *, exported: Head | None = None) -> Break | None:
    """The first entry that is not as it was written, or None when all of them are.

    `exported` is a head somebody kept: the chain must pass through it.
    """
    seq, chain = 0, b""
    last = await head(ctx)
    while True:
        links = (
            await ctx.session.execute(_LINKS, {"org": ctx.org_id, "since": seq, "limit": BATCH})
        ).all()
        for link in links:
            seq += 1
            if link.seq != seq:
                return Break(seq, None, "The number is missing.")
            if link.present is None:
                return Break(seq, link.entry_id, "The entry is missing.")
            if bytes(link.present) != bytes(link.digest):
                return Break(seq, link.entry_id, "The entry is not what was written.")
            chain = sha256(chain + bytes(link.digest)).digest()
            if chain != bytes(link.chain):
                return Break(seq, link.entry_id, "The chain does not follow from the one before.")
            if exported is not None and exported.seq == seq and exported.chain != chain:
                return Break(seq, link.entry_id, "The chain differs from the exported head.")
        if len(links) < BATCH:
            break
    if seq < max(last.seq, exported.seq if exported else 0):
        return Break(seq + 1, None, "The number is missing.")
    return None
