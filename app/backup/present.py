"""What is here already of an organisation that is to be brought in, and of its people."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Scope, Sessions
from app.installation import NotReadyError
from app.services.leaving.carried import RECORDS

_ENTRIES = text("select count(*) from public.journal where org_id = :org")
_KNOWN = text("select id, slug from identity.organisations where id = :org or slug = :slug")


@dataclass(frozen=True)
class Before:
    """What was here of the organisation at the beginning."""

    known: bool
    """There is an organisation with this id."""
    rows: dict[str, int]
    """Table → rows, where there are any."""
    entries: int
    """Of the journal."""

    @property
    def there(self) -> bool:
        return bool(self.rows)

    def refusal(self, archive: Path) -> str:
        most = sorted(self.rows.items(), key=lambda one: -one[1])[:4]
        listed = ", ".join(f"{rows:,} {name.replace('_', ' ')}" for name, rows in most)
        return (
            f"This organisation is here, and is not empty ({listed}). With --replace, all of it is"
            f" replaced by what {archive.name} holds: what is here now is kept in an archive beside"
            " it first, and its people sign in again."
        )


async def look(
    owner: Sessions, org_id: UUID, manifest: dict[str, Any], people: list[dict[str, Any]]
) -> Before:
    """Look. Raises `NotReadyError` where its short name, or an address of its people, is another's."""
    async with owner.open(Scope(org_id, source="restore")) as session:
        slug = manifest["content"]["organisation"]["slug"]
        known = {row.id: row.slug for row in await session.execute(_KNOWN, _of(org_id, slug=slug))}
        others = [id for id, its in known.items() if its == slug and id != org_id]
        if others:
            raise NotReadyError(
                f"Another organisation is called “{slug}” here. Only one can be: bring this one into"
                " another instance."
            )
        await _refuse_other_people(session, people)
        rows = {}
        for table in RECORDS:
            counting = text(f"select count(*) from {table.source} where {table.where}")  # noqa: S608 - names of our own
            if found := await session.scalar(counting, _of(org_id)):
                rows[table.name] = found
        entries = await session.scalar(_ENTRIES, _of(org_id)) or 0
        return Before(org_id in known, rows, entries)


def _of(org_id: UUID, **other: Any) -> dict[str, Any]:
    return {"org": org_id, **other}


async def _refuse_other_people(session: AsyncSession, people: list[dict[str, Any]]) -> None:
    """People are known by their e-mail everywhere, and by their id in all records of theirs."""
    found = await session.execute(
        text("select id, email from identity.users where email = any (:emails)"),
        {"emails": [one["email"] for one in people]},
    )
    here = {row.email: str(row.id) for row in found}
    strangers = [one["email"] for one in people if here.get(one["email"], one["id"]) != one["id"]]
    if strangers:
        raise NotReadyError(
            f"{', '.join(strangers[:5])} works here for somebody else already, under another id, and"
            " one address can only be one person. Let them change their address here (or there, before"
            " the archive is written), bring the organisation in, and change it back if you like."
        )
