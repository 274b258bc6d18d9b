"""Rows on their way from the temporary tables into their places, each after those it points at."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.backup.loading import Lost
from app.core.db import plan_anew
from app.services.leaving.carried import ENTRIES, TABLES, together

IDENTITY = {"roles": "identity.roles", "memberships": "identity.memberships"}
LARGEST_ID = 2**53
"""Of an entry. A sequence that was moved stays moved whatever becomes of us, and it ends at 2^63."""
CLEAR = 100_000
"""Ids ahead: nobody takes as many between two looks at a sequence."""

_LAST_ID = text("select last_value from public.journal_id_seq")
_PASS_ONE = text(
    "select count(nextval('public.journal_id_seq')) from generate_series(1, cast(:many as bigint))"
)
_PASS_ALL = text("select setval('public.journal_id_seq', :id)")
_NUMBERS = text(
    "insert into system.journal_numbers (org_id, seq, entry_id, digest, chain)"
    " select :org, seq, id, decode(digest, 'hex'), decode(chain, 'hex') from pg_temp.load_journal"
)
_HEAD = text(
    "insert into system.journal_heads (org_id, seq, chain)"
    " select org_id, seq, chain from system.journal_numbers where org_id = :org"
    " order by seq desc limit 1"
)


class Settling:
    """One organisation whose rows have been read."""

    def __init__(self, session: AsyncSession, org_id: UUID, held: dict[str, Any]) -> None:
        self._session, self._org_id, self._held = session, org_id, held
        self._given = {"org": org_id}
        self.remarks: list[str] = []
        """About people who are known here otherwise."""

    async def run(self) -> None:
        """People, the journal, then the records."""
        await self._settle_people()
        await self._settle_journal()
        await plan_anew(self._session)
        for group in together():
            into = [_inserting(f"public.{one.name}", one.name, one.columns) for one in group]
            *first, last = into
            named = ", ".join(f"into{place} as ({one})" for place, one in enumerate(first))
            await self._session.execute(
                text(f"with {named} {last}" if named else last), self._given
            )
            await plan_anew(self._session)

    async def _settle_people(self) -> None:
        found = list(await self._session.scalars(text("select id from pg_temp.load_organisation")))
        if found != [self._org_id]:
            raise Lost("The archive holds another organisation than it says. Nothing was changed.")
        await self._session.execute(
            text(
                "insert into identity.organisations as o (id, name, slug, created_at)"
                " select id, name, slug, created_at from pg_temp.load_organisation"
                " on conflict (id) do update set name = excluded.name, slug = excluded.slug,"
                " created_at = excluded.created_at"
            )
        )
        known = await self._session.execute(
            text(
                "select u.email as here, l.email as there, l.name from pg_temp.load_users l"
                " join identity.users u on u.id = l.id where (u.email, u.name, u.disabled_at is null)"
                " is distinct from (l.email, l.name, l.disabled_at is null) order by 2"
            )
        )
        self.remarks += [
            f"{row.name} ({row.there}) is known here as {row.here}, and stays as they are here."
            for row in known
        ]
        await self._session.execute(
            text(
                "insert into identity.users (id, email, name, disabled_at, created_at)"
                " select id, email, name, disabled_at, created_at from pg_temp.load_users l"
                " where not exists (select from identity.users u where u.id = l.id)"
            )
        )
        for one in TABLES:
            if one.name in IDENTITY:
                into = _inserting(IDENTITY[one.name], one.name, one.columns)
                await self._session.execute(text(into), self._given)

    async def _settle_journal(self) -> None:
        """Entries that have their number are of a transaction that is long past for every relay."""
        columns = [name for name in ENTRIES.columns if name not in ("seq", "digest", "chain")]
        await self._pass_ids()
        listed = ", ".join(f'"{name}"' for name in columns)
        await self._session.execute(
            text(
                f"insert into public.journal (org_id, {listed}, xid) overriding system value"  # noqa: S608
                f" select :org, {listed}, '3'::xid8 from pg_temp.load_journal"
            ),
            self._given,
        )
        await self._session.execute(_NUMBERS, self._given)
        await self._session.execute(_HEAD, self._given)

    async def _pass_ids(self) -> None:
        """Let entries that are written from now on have ids after those that came."""
        most = await self._session.scalar(text("select max(id) from pg_temp.load_journal")) or 0
        if most > LARGEST_ID:
            raise Lost(
                f"Its journal has an entry {most}, a number that no instance reaches. Nothing was"
                " changed."
            )
        last = await self._session.scalar(_LAST_ID) or 0
        if most - last > CLEAR:
            await self._session.execute(_PASS_ALL, {"id": most + CLEAR})
        elif most >= last:
            await self._session.execute(_PASS_ONE, {"many": most - last + 1})


def _inserting(into: str, name: str, columns: Any) -> str:
    listed = ", ".join(f'"{column}"' for column in columns)
    return f"insert into {into} (org_id, {listed}) select :org, {listed} from pg_temp.load_{name}"  # noqa: S608 - names of our own
