"""Bringing a backup back into an empty place, and proving that it is what was saved.

The order is what makes it safe: the archive is proved before anything is touched; the schema without
walls and triggers, then the rows, then what dates rows by transactions is set to this server's, then
constraints, triggers and walls; then everything is counted and digested again and compared with the
manifest. The revision is written last: until it stands there, nothing starts on this database.
"""

import asyncio
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from app.backup import survey
from app.backup.making import DATABASE, FILES, say
from app.config import Settings
from app.core.archive import Damaged, contents, manifest_of
from app.core.migrate import alembic_config
from app.core.objects import Key, Objects
from app.core.prepare import take_statistics
from app.installation import (
    UNFINISHED,
    Empty,
    NotReadyError,
    bring_to_head,
    emptied,
    key_marks,
    only_one,
)
from app.postgres import StartError
from app.postgres.clients import client, target

NOT_OURS = re.compile(r"\b(EXTENSION|SCHEMA - public|COMMENT - SCHEMA public)\b")
"""What the administrator has made already (`core.prepare`)."""
LAST = re.compile(r"\bTABLE DATA public alembic_version\b")


def restore(settings: Settings, archive: Path) -> None:
    """Restore `archive` into the empty place that the settings name.

    Raises `NotReadyError` with what to do when it is not empty, the archive is damaged or of a
    newer version, or what came back is not what was saved.
    """
    say(f"Checking {archive}…")
    try:
        manifest = manifest_of(archive)
        if manifest.get("kind") is not None:
            slug = manifest["content"]["organisation"]["slug"]
            raise Damaged(
                f"{archive.name} is the archive of one organisation, not a backup of an instance."
                f" Bring it in: ./run restore {archive.name} --org {slug}"
            )
        _refuse_unknown_schema(manifest)
        with only_one(settings.data), emptied(settings) as empty, _side(settings.data) as side:
            _restore(settings, archive, manifest, empty, side)
    except (Damaged, StartError) as error:
        raise NotReadyError(str(error)) from error


def _refuse_unknown_schema(manifest: dict[str, Any]) -> None:
    scripts = ScriptDirectory.from_config(alembic_config(""))
    try:
        scripts.get_revision(manifest["schema"])
    except CommandError as error:
        raise NotReadyError(
            f"The backup was written by Truckroll {manifest['truckroll']} with the schema"
            f" {manifest['schema']}, which this version does not know: it is newer. Restore with"
            " that version."
        ) from error


@contextmanager
def _side(data: Path) -> Iterator[Path]:
    """A folder for what is unpacked, beside where it will stand."""
    side = data / "restoring"
    shutil.rmtree(side, ignore_errors=True)
    side.mkdir(mode=0o700)
    try:
        yield side
    finally:
        shutil.rmtree(side)


def _restore(
    settings: Settings, archive: Path, manifest: dict[str, Any], empty: Empty, side: Path
) -> None:
    files = 0
    (side / FILES).mkdir(mode=0o700)
    with (side / DATABASE).open("wb") as dump:
        for name, content in contents(archive):
            if name.startswith(f"{DATABASE}/"):
                shutil.copyfileobj(content, dump)
            else:
                with _file_path(side, name).open("wb") as file:
                    shutil.copyfileobj(content, file)
                files += 1
    saved = manifest["survey"]
    say("Restoring the database…")
    _load(empty.owner_url, side, saved["owned_by_others"])
    say("Comparing it with what was saved…")
    asyncio.run(_prove(empty, saved))
    say(f"  {sum(one['rows'] for one in saved['tables'].values()):,} rows are as they were.")
    if settings.files_url:
        asyncio.run(_send_files(settings, sorted((side / FILES).glob("*/*/*"))))
    else:
        shutil.rmtree(settings.data / FILES, ignore_errors=True)  # empty, or ours (`emptied`)
        (side / FILES / UNFINISHED).touch()
        (side / FILES).rename(settings.data / FILES)
    say(f"  {files} objects of {manifest['files']['known']} files are in place.")
    asyncio.run(_open_for_use(empty.owner_url, manifest["schema"]))
    (settings.data / FILES / UNFINISHED).unlink(missing_ok=True)
    bring_to_head(empty.owner_url)
    say(f"Restored what was saved at {manifest['made_at']}. Start it with: ./run")
    if not {*manifest["sealed_with"]} & {*key_marks(settings, empty.secret_key)}:
        say(
            "The key of sealed secrets here is not the one they were sealed with. Bring that one"
            " (SECRET_KEY, ENCRYPTION_KEYS, or the file postgres/secrets/secret_key of the old data"
            " folder), or what was sealed stays closed: see docs/operations/backup.md."
        )


def _file_path(side: Path, name: str) -> Path:
    """Where a file is unpacked. The archive is proved; its names are taken apart all the same."""
    try:
        kind, org_id, id, part = name.split("/")
        path = side / FILES / str(UUID(org_id)) / str(UUID(id)) / part
    except ValueError:
        raise Damaged(f"The archive has a part that no backup has: {name}") from None
    if kind != FILES or not re.fullmatch("[a-z]+", part):
        raise Damaged(f"The archive has a part that no backup has: {name}")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def _load(owner_url: str, side: Path, owned_by_others: list[dict[str, str]]) -> None:
    server = asyncio.run(_server_version(owner_url))
    program, database = client("pg_restore", server), target(owner_url)

    def run(*arguments: str | Path) -> str:
        done = subprocess.run(  # noqa: S603 - our own arguments, no shell
            [program.path, *arguments, side / DATABASE],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env=database.environment,
        )
        if done.returncode != 0:
            raise NotReadyError(f"pg_restore stopped: {done.stderr.strip()}")
        return done.stdout

    wanted = [
        line
        for line in run("--list").splitlines()
        if not NOT_OURS.search(line) and not LAST.search(line)
    ]
    (side / "list").write_text("\n".join(wanted))

    def load(section: str) -> None:
        run(
            f"--section={section}", f"--use-list={side / 'list'}", "--no-owner",
            "--single-transaction", database.argument,
        )  # fmt: skip

    load("pre-data")
    load("data")
    asyncio.run(_date_anew(owner_url))
    load("post-data")
    asyncio.run(_hand_over(owner_url, owned_by_others))


async def _server_version(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        major: int = connection.get_server_version().major
        return major
    finally:
        await connection.close()


async def _date_anew(owner_url: str) -> None:
    """Transaction ids do not survive a dump: those of the journal become this server's.

    What was numbered gets an id that is long past. The relay's snapshot is one of now; what was not
    numbered yet is dated after it, in a transaction of its own, so the relay's next look finds
    exactly that. No wall, trigger or index stands yet, so the owner may and it is quick.
    """
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute(
            "alter table public.journal alter column xid type xid8 using '3'::xid8"
        )
        await connection.execute(
            "update system.relay_state set snapshot = pg_current_snapshot() where id = 1"
        )
        await connection.execute(
            "update public.journal j set xid = pg_current_xact_id() where not exists"
            " (select from system.journal_numbers n"
            "   where n.org_id = j.org_id and n.entry_id = j.id)"
        )
    finally:
        await connection.close()


async def _hand_over(owner_url: str, owned_by_others: list[dict[str, str]]) -> None:
    """Give functions to the roles that own them: each may create there for just that moment."""
    connection = await asyncpg.connect(owner_url)
    try:
        async with connection.transaction():
            for one in owned_by_others:
                schema, owner = one["schema"], one["owner"]
                await connection.execute(f'grant create on schema "{schema}" to "{owner}"')
                await connection.execute(f'alter function {one["function"]} owner to "{owner}"')
                await connection.execute(f'revoke create on schema "{schema}" from "{owner}"')
    finally:
        await connection.close()


async def _prove(empty: Empty, saved: dict[str, Any]) -> None:
    """Compare with the manifest, number what was not numbered, and follow the whole chain."""
    connection = await asyncpg.connect(empty.backup_url, server_settings=survey.SETTINGS)
    try:
        wrong = survey.differences(saved, await survey.take(connection))
        wrong += [f"no wall around {name}" for (name,) in await connection.fetch(survey.WALLESS)]
        wrong += [
            f"a posting that does not balance: {name}"
            for (name,) in await connection.fetch(survey.UNBALANCED)
        ]
        if not wrong:
            await _number(empty.relay_url)
            wrong += [
                f"the journal is not what was written: organisation {name}"
                for (name,) in await connection.fetch(survey.BROKEN_CHAIN)
            ]
            if left := await connection.fetchval(survey.UNNUMBERED):
                wrong.append(f"{left} entries of the journal got no number")
    finally:
        await connection.close()
    if wrong:
        raise NotReadyError(
            "What came back is not what was saved, and nothing will start on it:\n  "
            + "\n  ".join(wrong[:20])
        )


async def _number(relay_url: str) -> None:
    connection = await asyncpg.connect(relay_url)
    try:
        given = await connection.fetchval("select system.number_journal()")
    finally:
        await connection.close()
    say(f"  {given} entries of the journal had no number yet and have one now.")


async def _send_files(settings: Settings, paths: list[Path]) -> None:
    """Put the files into the object store that the settings name."""
    objects = Objects.at(settings.files_url, settings.data / FILES)
    for path in paths:
        key = Key(UUID(path.parent.parent.name), UUID(path.parent.name), path.name)
        await objects.put(key, path)


async def _open_for_use(owner_url: str, schema: str) -> None:
    await take_statistics(owner_url)
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute("insert into public.alembic_version values ($1)", schema)
    finally:
        await connection.close()
