"""Whether what came in is what was saved, by the statements that wrote the archive."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.backup.loading import Lost
from app.backup.proving import USERS
from app.services.leaving import reading
from app.services.leaving.carried import ENTRIES, TABLES

_AT_ONCE = text("set constraints all immediate")
_NOT_ADDING_UP = text(
    "select i.number from public.invoices i left join lateral ("
    " select coalesce(sum(l.amount), 0) as amount, coalesce(sum(l.discount), 0) as discount,"
    " coalesce(sum(l.tax), 0) as tax from public.invoice_lines l"
    " where l.org_id = i.org_id and l.invoice_id = i.id) s on true"
    " where i.org_id = :org and i.status <> 'draft'"
    " and (s.amount, s.discount, s.tax) <> (i.subtotal, i.discount, i.tax) order by 1 limit 5"
)


async def compare(
    session: AsyncSession, org_id: UUID, held: dict[str, Any], *, people: bool
) -> None:
    """Read everything as an archive does, and compare with what the manifest says. `people`: also those
    who belong to it, unless some are known here otherwise. Raises `Lost`.
    """
    await session.execute(_AT_ONCE)
    wrong = []
    for table in TABLES:
        if table is USERS and not people:
            continue
        found = (await reading.figures(session, table)).told()
        if found != held["tables"][table.name]:
            wrong.append(f"{table.name}: {held['tables'][table.name]} became {found}")
    entries = (await reading.figures(session, ENTRIES)).told()
    if entries != {name: held["journal"][name] for name in entries}:
        wrong.append(f"the journal: {held['journal']} became {entries}")
    if (seq := await reading.changed_entry(session)) is not None:
        wrong.append(f"the journal is not what was written at number {seq}")
    if (sums := await reading.ledger(session)) != held["ledger"]:
        wrong.append(f"the ledger's sums: {held['ledger']} became {sums}")
    wrong += [
        f"the lines of invoice {number} do not add up to it"
        for number in await session.scalars(_NOT_ADDING_UP, {"org": org_id})
    ]
    if wrong:
        raise Lost(
            "What came back is not what was saved, and nothing was changed:\n  "
            + "\n  ".join(wrong[:20])
        )
