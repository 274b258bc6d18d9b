"""Which column was which field: kept per kind and headings, and used again when they come again.

What somebody said in so many words is kept, never what was guessed. Saying something else takes its
place; saying `{}` has the headings guessed again.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.core.ids import new_id
from app.models.imports import ImportKind, ImportMapping
from app.services.context import Ctx

OURS = ("Import row", "Import problem")
"""The columns that the file of refused rows has beyond those that were sent; nothing is read there."""


def digest_of(headings: Sequence[str]) -> str:
    """The same for the same headings in any order, with our own columns or without."""
    theirs = sorted(heading for heading in headings if heading not in OURS)
    return sha256(orjson.dumps(theirs)).hexdigest()


async def remembered(ctx: Ctx, kind: ImportKind, headings: Sequence[str]) -> ImportMapping | None:
    """What was said about the last file of this kind with these headings."""
    return (
        await ctx.session.execute(
            select(ImportMapping).where(
                ImportMapping.kind == kind, ImportMapping.digest == digest_of(headings)
            )
        )
    ).scalar_one_or_none()


async def remember(ctx: Ctx, kind: ImportKind, targets: Mapping[str, str | None], key: str) -> None:
    """Keep what somebody said for the next file with these headings."""
    theirs: dict[str, Any] = {
        heading: target for heading, target in targets.items() if heading not in OURS
    }
    kept = {"mapping": theirs, "key": key, "headings": list(theirs)}
    row = insert(ImportMapping).values(
        org_id=ctx.org_id, id=new_id(), kind=kind, digest=digest_of(list(theirs)), **kept
    )
    await ctx.session.execute(
        row.on_conflict_do_update(index_elements=["org_id", "kind", "digest"], set_=kept)
    )
