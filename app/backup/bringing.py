"""Bringing one organisation in from its archive, beside whoever else lives here.

Everything is proved before anything is touched, and everything is written in one transaction: until
it commits nobody sees a row, and a process that dies leaves none. It is written by the owning role
with the organisation's context set, so row-level security itself refuses a row of any other. Before
the commit all of it is read again, by the statements that wrote the archive, and has to give the same
digests.
"""

import asyncio
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.backup.making import beside, say
from app.config import Settings
from app.core import clock
from app.core.archive import Damaged, manifest_of, walk
from app.core.db import Scope, Sessions, make_engine
from app.core.errors import Refusal
from app.core.objects import Key, Objects
from app.installation import Installation, NotReadyError, head, opened
from app.models.files import Part
from app.process import make_tools
from app.services.identity.acting import organisation_called
from app.services.leaving import reading
from app.services.leaving.carried import ENTRIES, LEFT_OUT, RECORDS, TABLES, Carried, together
from app.services.leaving.packing import JOURNAL, KIND, Packed, digest_of, pack

AT_ONCE = 4 * 1024 * 1024
"""Bytes of rows that are sent to the database at a time."""
MANY = 100
"""Rows of a table from which on the planner is told at once."""
LONGEST_LINE = 256 * 1024 * 1024
FILE = re.compile(r"files/([0-9a-f-]{36})/([a-z]+)")
NAMES = {one.part: one for one in (*TABLES, ENTRIES)} | {JOURNAL: ENTRIES}


def archive_of(settings: Settings, slug: str, to: Path) -> Packed:
    """Write the archive of the organisation called `slug` to a new file.

    Raises `NotReadyError` where there is such a file or no such organisation.
    """
    with opened(settings) as installation, beside(to) as out:
        return asyncio.run(_pack(installation, slug, out))


async def _pack(installation: Installation, slug: str, out: BinaryIO) -> Packed:
    async with _served(installation) as sessions:
        try:
            org_id = await organisation_called(sessions.engine, slug)
            return await _packed(installation, sessions, org_id, out)
        except Refusal as refusal:
            raise NotReadyError(refusal.detail) from refusal


async def _packed(
    installation: Installation, sessions: Sessions, org_id: UUID, out: BinaryIO
) -> Packed:
    if installation.relay_url is not None:
        await number(installation.relay_url)
    return await pack(sessions, org_id, out, _tell())


def _tell() -> Any:
    said = -1

    async def told(steps: int, done: int) -> None:
        nonlocal said
        percent = done * 100 // steps if steps else 0
        if percent >= said + 10:
            said = percent
            say(f"  {done:,} of {steps:,} rows and files…")

    return told


async def number(relay_url: str) -> None:
    """Give the journal's entries their numbers now, whether or not a relay is running."""
    engine = make_engine(relay_url, pool_size=1)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("select system.number_journal()"))
    finally:
        await engine.dispose()


@asynccontextmanager
async def _served(installation: Installation) -> AsyncIterator[Sessions]:
    """Sessions of the serving role, as the server has them."""
    engine = make_engine(installation.app_url, pool_size=2)
    tools = make_tools(installation.settings, installation.secret_key, engine)
    try:
        yield Sessions(engine, tools=tools)
    finally:
        await engine.dispose()


@dataclass
class Brought:
    """What was done, for whoever asked."""

    organisation: dict[str, str]
    rows: int
    files: int
    kept: Path | None = None
    """Where what was replaced is now."""
    remarks: list[str] = field(default_factory=list)


def bring(
    settings: Settings, archive: Path, slug: str, *, replace: bool = False, discard: bool = False
) -> Brought:
    """Bring the organisation called `slug` in from its archive. `discard`: do not keep what it
    replaces, for one so damaged that it cannot be read.

    Raises `NotReadyError` with what to do when the archive is not whole, is another organisation's or
    another schema's, or the organisation is here already and `replace` was not asked for.
    """
    say(f"Checking {archive}…")
    try:
        manifest = prove(archive)
        _refuse_another(archive, manifest, slug)
        with opened(settings) as installation:
            _refuse_schema(archive, manifest)
            if installation.owner_url is None:
                raise NotReadyError(
                    "Set DATABASE_OWNER_URL too: an organisation is written by the owning role."
                )
            return asyncio.run(
                _bring(installation, archive, manifest, replace=replace, discard=discard)
            )
    except Damaged as error:
        raise NotReadyError(str(error)) from error
    except DBAPIError as error:
        raise NotReadyError(
            f"The database refused what the archive holds, and nothing was changed: {error.orig}"
        ) from error


def prove(path: Path) -> dict[str, Any]:
    """The manifest of an organisation's archive in which every byte and every digest is right, and
    that holds exactly the parts such an archive has. Raises `Damaged`, naming what is wrong."""
    manifest = manifest_of(path)
    if manifest.get("kind") != KIND:
        raise Damaged(
            f"{path.name} is a backup of a whole instance, not the archive of one organisation."
            f" Restore it into an empty place: ./run restore {path.name} --data new"
        )
    try:
        held = manifest["content"]
        if manifest["content_sha256"] != digest_of(held):
            raise Damaged(f"{path.name} is damaged: manifest.json is not what was written.")
        UUID(held["organisation"]["id"])
        expected = _expected(held)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, Damaged):
            raise
        raise Damaged(f"{path.name} is no archive of an organisation: {error!r}") from error
    listed = {one["name"]: one["sha256"] for one in manifest["parts"]}
    for name in listed.keys() - expected.keys():
        raise Damaged(f"{path.name} has a part that no archive has: {name}")
    for name in expected.keys() - listed.keys():
        raise Damaged(f"{path.name} lacks a part that every archive has: {name}")
    if len(listed) != len(manifest["parts"]):
        raise Damaged(f"{path.name} names a part twice.")
    for name, digest in expected.items():
        if listed[name] != digest:
            raise Damaged(f"{path.name} is damaged: {name} is not what was written.")
    for _name, _content in walk(path, manifest):
        continue
    return manifest


def _expected(held: dict[str, Any]) -> dict[str, str]:
    """Part → digest, of an archive with this content. Names of files are taken apart: no part of an
    archive says where on a disk it goes."""
    parts: dict[str, str] = {JOURNAL: held["journal"]["sha256"]}
    for name, figures in held["tables"].items():
        parts[f"tables/{name}.jsonl"] = figures["sha256"]
    for name, figures in held["files"]["parts"].items():
        found = FILE.fullmatch(f"files/{name}")
        if found is None or found[2] not in set(Part):
            raise Damaged(f"The archive has a part that no archive has: files/{name}")
        UUID(found[1])
        parts[f"files/{name}"] = figures["sha256"]
    return parts


def _refuse_another(archive: Path, manifest: dict[str, Any], slug: str) -> None:
    there = manifest["content"]["organisation"]["slug"]
    if there != slug:
        raise NotReadyError(
            f"{archive.name} is the archive of “{there}”, not of “{slug}”. Say --org {there} if that"
            " is the one you mean."
        )


def _refuse_schema(archive: Path, manifest: dict[str, Any]) -> None:
    there, here = manifest["content"]["schema"], head()
    names = {one.name for one in TABLES}
    if there != here or manifest["content"]["tables"].keys() != names:
        raise NotReadyError(
            f"{archive.name} was written by Truckroll {manifest['truckroll']} with the schema {there},"
            f" and this version has {here}. An archive is read by the version that wrote it: bring it"
            " in there, upgrade that instance, and have it written again."
        )


async def _bring(
    installation: Installation,
    archive: Path,
    manifest: dict[str, Any],
    *,
    replace: bool,
    discard: bool,
) -> Brought:
    assert installation.owner_url is not None
    org_id = UUID(manifest["content"]["organisation"]["id"])
    engine = make_engine(installation.owner_url, pool_size=1, command_timeout=None)
    owner = Sessions(engine)
    try:
        async with _served(installation) as sessions:
            before = await _before(owner, org_id, manifest, _people(archive, manifest))
            kept = None
            if before.there and not replace:
                raise NotReadyError(before.refusal(archive))
            if before.there and not discard:
                to = archive.with_name(f"{archive.stem}-replaced-{clock.now():%Y-%m-%d-%H%M%S}.tar")
                kept = await _keep(installation, sessions, org_id, to)
                say(f"What is here now is kept in {to}.")
            assert sessions.tools is not None
            bringing = _Bringing(owner, org_id, archive, manifest, sessions.tools.objects, kept)
            done = await bringing.run(before)
            done.kept = to if kept else None
            return done
    finally:
        await engine.dispose()


async def _keep(installation: Installation, sessions: Sessions, org_id: UUID, to: Path) -> Packed:
    """Write what is about to be replaced into an archive of its own."""
    with beside(to) as out:
        try:
            return await _packed(installation, sessions, org_id, out)
        except Refusal as refusal:
            raise NotReadyError(
                f"What is here now could not be kept, so nothing was replaced. {refusal.detail} If it"
                " is too damaged to be kept: --replace --discard."
            ) from refusal


@dataclass(frozen=True)
class _Before:
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


_ENTRIES = text("select count(*) from public.journal where org_id = :org")
_KNOWN = text("select id, slug from identity.organisations where id = :org or slug = :slug")


async def _before(
    owner: Sessions, org_id: UUID, manifest: dict[str, Any], people: list[dict[str, Any]]
) -> _Before:
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
        return _Before(org_id in known, rows, entries)


def _of(org_id: UUID, **other: Any) -> dict[str, Any]:
    return {"org": org_id, **other}


def _people(archive: Path, manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Those who belong to the organisation, as a proved archive names them."""
    for name, content in walk(archive, manifest):
        if NAMES.get(name) is USERS:
            return [orjson.loads(line) for line in content.read().splitlines()]
    return []


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


USERS = next(one for one in TABLES if one.name == "users")
ORGANISATION = next(one for one in TABLES if one.name == "organisation")
IDENTITY = {
    "roles": "identity.roles",
    "memberships": "identity.memberships",
}
LARGEST_ID = 2**53
"""Of an entry. A sequence that was moved stays moved whatever becomes of us, and it ends at 2^63."""
CLEAR = 100_000
"""Ids ahead: nobody takes as many between two looks at a sequence."""
LOCK_TRIES = 10

_RESTORING = text("select set_config('app.restoring', 'on', true)")
_ALONE = text("select pg_advisory_xact_lock(hashtextextended('restore ' || :org, 0))")
_AT_ONCE = text("set constraints all immediate")
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
_NOT_ADDING_UP = text(
    "select i.number from public.invoices i left join lateral ("
    " select coalesce(sum(l.amount), 0) as amount, coalesce(sum(l.discount), 0) as discount,"
    " coalesce(sum(l.tax), 0) as tax from public.invoice_lines l"
    " where l.org_id = i.org_id and l.invoice_id = i.id) s on true"
    " where i.org_id = :org and i.status <> 'draft'"
    " and (s.amount, s.discount, s.tax) <> (i.subtotal, i.discount, i.tax) order by 1 limit 5"
)
_NOBODY_WRITES = text("lock table public.journal in share mode")
_WRITTEN_SINCE = text(
    "select count(*) from public.journal where org_id = :org and xid <> '3'::xid8"
)
_HANDED_OUT = text(
    "select id, 'archive' as part from public.archives where org_id = :org and status = 'ready'"
    " union all select object_id, 'export' from public.exports"
    " where org_id = :org and object_id is not null"
    " union all select id, 'rows' from public.imports"
    " where org_id = :org and file_removed_at is null and file_of_id is null"
)
"""Objects that are not files: no row speaks of them once their organisation was replaced."""


class Lost(NotReadyError):
    """What came back is not what was saved."""


class _Bringing:
    """One organisation on its way in."""

    def __init__(
        self,
        owner: Sessions,
        org_id: UUID,
        archive: Path,
        manifest: dict[str, Any],
        objects: Objects,
        kept: Packed | None,
    ) -> None:
        self._owner, self._org_id, self._archive = owner, org_id, archive
        self._held: dict[str, Any] = manifest["content"]
        self._manifest, self._objects, self._kept = manifest, objects, kept
        self._remarks: list[str] = []
        self._given = {"org": org_id}

    async def run(self, before: _Before) -> Brought:
        """Everything in one transaction."""
        async with self._owner.open(Scope(self._org_id, source="restore")) as session:
            await reading.as_written(session)
            await session.execute(_RESTORING)
            await session.execute(_ALONE, {"org": str(self._org_id)})
            handed_out = [
                Key(self._org_id, row.id, row.part)
                for row in await session.execute(_HANDED_OUT, self._given)
            ]
            if before.known:
                await self._clear(session, before)
            files = await self._load(session)
            say("Comparing it with what was saved…")
            if before.known:
                await self._nobody_wrote(session)
            await self._compare(session)
            if before.known:
                await self._nobody_writes(session)
            await session.commit()
        await self._forget(handed_out)
        rows = sum(one["rows"] for one in self._held["tables"].values())
        return Brought(
            self._held["organisation"],
            rows + self._held["journal"]["rows"],
            files,
            remarks=self._remarks,
        )

    async def _clear(self, session: AsyncSession, before: _Before) -> None:
        """Take away what is here: one statement, so that each row finds what it points at gone."""
        tables = {f"public.{one}": "org_id" for one in LEFT_OUT if "." not in one}
        tables.pop("public.alembic_version")
        tables |= {f"public.{one.name}": "org_id" for one in RECORDS}
        tables |= {"system.journal_heads": "org_id", "system.journal_numbers": "org_id"}
        tables |= dict.fromkeys(("identity.sessions", "identity.invitations"), "org_id")
        tables |= dict.fromkeys(IDENTITY.values(), "org_id")
        taken = ", ".join(
            f"gone{place} as (delete from {name} where {column} = :org)"  # noqa: S608 - names of our own
            for place, (name, column) in enumerate(sorted(tables.items()))
        )
        entries = await session.scalar(
            text(
                f"with {taken}, entries as ("  # noqa: S608
                "delete from public.journal where org_id = :org returning id)"
                " select count(*) from entries"
            ),
            self._given,
        )
        kept = self._kept.manifest["content"]["journal"]["rows"] if self._kept else before.entries
        if entries != kept:
            raise NotReadyError(SOMEBODY_WROTE)

    async def _load(self, session: AsyncSession) -> int:
        """Read the parts in: tables into temporary ones first, as a row may come before the one it
        points at; then into their places; then the files. How many parts of files there were."""
        files = 0
        for name, content in walk(self._archive, self._manifest):
            table = NAMES.get(name)
            if table is None:
                await self._put(name, content)
                files += 1
                continue
            await self._load_table(session, table, content)
            if table is ENTRIES:
                await self._settle(session)
        return files

    async def _load_table(self, session: AsyncSession, table: Carried, content: BinaryIO) -> None:
        read = ", ".join(f'{expression} as "{name}"' for name, expression in table.columns.items())
        await session.execute(
            text(
                f"create temporary table load_{table.name} on commit drop as"  # noqa: S608 - names of our own
                f" select {read} from {table.source} with no data"
            )
        )
        filling = text(
            f"insert into pg_temp.load_{table.name} select * from"  # noqa: S608
            f" json_populate_recordset(null::pg_temp.load_{table.name}, cast(:rows as json))"
        )
        chain = _Chain()
        for some in _batches(content, table.part):
            if table is ENTRIES:
                chain.follow(some)
            rows = b"[" + b",".join(some) + b"]"
            await session.execute(filling, {"rows": rows.decode()})
        if table is ENTRIES and (chain.seq, chain.link.hex()) != (
            self._held["journal"]["seq"],
            self._held["journal"]["chain"],
        ):
            raise Lost("The journal does not end as the manifest says. Nothing was changed.")

    async def _settle(self, session: AsyncSession) -> None:
        """From the temporary tables into their places."""
        await self._settle_people(session)
        await self._settle_journal(session)
        await self._tell_planner(session, ENTRIES)
        for group in together():
            into = [_inserting(f"public.{one.name}", one.name, one.columns) for one in group]
            *first, last = into
            named = ", ".join(f"into{place} as ({one})" for place, one in enumerate(first))
            await session.execute(text(f"with {named} {last}" if named else last), self._given)
            for one in group:
                await self._tell_planner(session, one)

    async def _tell_planner(self, session: AsyncSession, table: Carried) -> None:
        """How much there is now: until it knows, every index that begins with the organisation looks
        to the planner as good as the key, and each reference is looked up among all rows."""
        held = self._held["journal"] if table is ENTRIES else self._held["tables"][table.name]
        if held["rows"] >= MANY:
            await session.execute(text(f"analyze public.{table.name}"))

    async def _settle_people(self, session: AsyncSession) -> None:
        found = list(await session.scalars(text("select id from pg_temp.load_organisation")))
        if found != [self._org_id]:
            raise Lost("The archive holds another organisation than it says. Nothing was changed.")
        await session.execute(
            text(
                "insert into identity.organisations as o (id, name, slug, created_at)"
                " select id, name, slug, created_at from pg_temp.load_organisation"
                " on conflict (id) do update set name = excluded.name, slug = excluded.slug,"
                " created_at = excluded.created_at"
            )
        )
        known = await session.execute(
            text(
                "select u.email as here, l.email as there, l.name from pg_temp.load_users l"
                " join identity.users u on u.id = l.id where (u.email, u.name, u.disabled_at is null)"
                " is distinct from (l.email, l.name, l.disabled_at is null) order by 2"
            )
        )
        self._remarks += [
            f"{row.name} ({row.there}) is known here as {row.here}, and stays as they are here."
            for row in known
        ]
        await session.execute(
            text(
                "insert into identity.users (id, email, name, disabled_at, created_at)"
                " select id, email, name, disabled_at, created_at from pg_temp.load_users l"
                " where not exists (select from identity.users u where u.id = l.id)"
            )
        )
        for one in TABLES:
            if one.name in IDENTITY:
                into = _inserting(IDENTITY[one.name], one.name, one.columns)
                await session.execute(text(into), self._given)

    async def _settle_journal(self, session: AsyncSession) -> None:
        """Entries that have their number are of a transaction that is long past for every relay."""
        columns = [name for name in ENTRIES.columns if name not in ("seq", "digest", "chain")]
        await self._pass_ids(session)
        listed = ", ".join(f'"{name}"' for name in columns)
        await session.execute(
            text(
                f"insert into public.journal (org_id, {listed}, xid) overriding system value"  # noqa: S608
                f" select :org, {listed}, '3'::xid8 from pg_temp.load_journal"
            ),
            self._given,
        )
        await session.execute(_NUMBERS, self._given)
        await session.execute(_HEAD, self._given)

    async def _pass_ids(self, session: AsyncSession) -> None:
        """Let entries that are written from now on have ids after those that came."""
        most = await session.scalar(text("select max(id) from pg_temp.load_journal")) or 0
        if most > LARGEST_ID:
            raise Lost(
                f"Its journal has an entry {most}, a number that no instance reaches. Nothing was"
                " changed."
            )
        last = await session.scalar(_LAST_ID) or 0
        if most - last > CLEAR:
            await session.execute(_PASS_ALL, {"id": most + CLEAR})
        elif most >= last:
            await session.execute(_PASS_ONE, {"many": most - last + 1})

    async def _put(self, name: str, content: BinaryIO) -> None:
        found = FILE.fullmatch(name)
        assert found is not None, "proved"
        with tempfile.TemporaryFile() as file:
            shutil.copyfileobj(content, file)
            file.seek(0)
            await self._objects.put(Key(self._org_id, UUID(found[1]), found[2]), file)

    async def _compare(self, session: AsyncSession) -> None:
        """Read everything as an archive does, and compare. Raises `Lost`."""
        await session.execute(_AT_ONCE)
        wrong = []
        for table in TABLES:
            if table is USERS and self._remarks:
                continue
            found = (await reading.figures(session, table)).told()
            if found != self._held["tables"][table.name]:
                wrong.append(f"{table.name}: {self._held['tables'][table.name]} became {found}")
        entries = (await reading.figures(session, ENTRIES)).told()
        if entries != {name: self._held["journal"][name] for name in entries}:
            wrong.append(f"the journal: {self._held['journal']} became {entries}")
        if (seq := await reading.changed_entry(session)) is not None:
            wrong.append(f"the journal is not what was written at number {seq}")
        if (sums := await reading.ledger(session)) != self._held["ledger"]:
            wrong.append(f"the ledger's sums: {self._held['ledger']} became {sums}")
        wrong += [
            f"the lines of invoice {number} do not add up to it"
            for number in await session.scalars(_NOT_ADDING_UP, self._given)
        ]
        if wrong:
            raise Lost(
                "What came back is not what was saved, and nothing was changed:\n  "
                + "\n  ".join(wrong[:20])
            )

    async def _nobody_wrote(self, session: AsyncSession) -> None:
        """Refuse to replace what somebody has written since it was kept."""
        if await session.scalar(_WRITTEN_SINCE, self._given):
            raise NotReadyError(SOMEBODY_WROTE)

    async def _nobody_writes(self, session: AsyncSession) -> None:
        """The same for the last time: from here to the commit nobody writes at all."""
        for left in reversed(range(LOCK_TRIES)):
            try:
                async with session.begin_nested():
                    await session.execute(text("set local lock_timeout = '2s'"))
                    await session.execute(_NOBODY_WRITES)
                break
            except DBAPIError:
                if not left:
                    raise
                await asyncio.sleep(1)
        await self._nobody_wrote(session)

    async def _forget(self, handed_out: list[Key]) -> None:
        """Remove the objects of what was replaced and is not there any more."""
        kept = self._kept.manifest["content"]["files"]["parts"] if self._kept else {}
        parts = set(kept)
        gone = [one.split("/") for one in parts - self._held["files"]["parts"].keys()]
        await self._objects.remove(
            [Key(self._org_id, UUID(id), part) for id, part in gone] + handed_out
        )


SOMEBODY_WROTE = (
    "Somebody has written into this organisation meanwhile, and nothing was replaced. Try again when"
    " nobody works in it, or stop the server first."
)


class _Chain:
    """The journal's hash chain, made again from its links."""

    def __init__(self) -> None:
        self.seq, self.link = 0, b""

    def follow(self, lines: list[bytes]) -> None:
        """Raises `Lost` at the first entry that does not follow."""
        for line in lines:
            entry = orjson.loads(line)
            self.seq += 1
            self.link = sha256(self.link + bytes.fromhex(entry["digest"])).digest()
            if entry["seq"] != self.seq or entry["chain"] != self.link.hex():
                raise Lost(f"The journal's chain breaks at number {self.seq}. Nothing was changed.")


def _inserting(into: str, name: str, columns: Any) -> str:
    listed = ", ".join(f'"{column}"' for column in columns)
    return f"insert into {into} (org_id, {listed}) select :org, {listed} from pg_temp.load_{name}"  # noqa: S608 - names of our own


def _batches(content: BinaryIO, part: str) -> Iterator[list[bytes]]:
    """The lines of a part, some at a time."""
    lines: list[bytes] = []
    length, rest = 0, b""
    while chunk := content.read(1024 * 1024):
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise Damaged(f"{part} has a line that no archive has: it is too long.")
        for line in whole:
            lines.append(line)
            length += len(line)
            if length > AT_ONCE:
                yield lines
                lines, length = [], 0
    if rest:
        raise Damaged(f"{part} does not end with a whole line.")
    if lines:
        yield lines
