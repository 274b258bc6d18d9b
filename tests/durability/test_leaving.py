"""Leaving whole: one organisation out, into another instance and back, with nothing lost on the way
and nobody else touched."""

import asyncio
import hashlib
import os
import re
import shutil
import signal
import tarfile
import time
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from app.backup.archiving import archive_of, served
from app.backup.bringing import Brought, bring
from app.backup.proving import prove
from app.backup.restoring import restore
from app.config import Environment, Settings
from app.core.archive import Damaged, Writer, contents, manifest_of
from app.core.db import Scope
from app.installation import Installation, NotReadyError, opened
from app.models.customers import Customer
from app.models.identity import Purpose
from app.models.permissions import Permission
from app.postgres import Cluster
from app.services import journal_chain, leaving
from app.services.context import Ctx
from app.services.files import arriving
from app.services.identity import tickets
from app.services.identity.acting import act_for
from app.services.leaving import packing
from app.services.leaving.carried import TABLES
from app.services.leaving.packing import KIND, Packed, digest_of
from app.tasks.relay import Relay
from tests.durability.test_backup import addresses, app, said
from tests.support import nest
from tests.support.database import Database, clone, drop
from tests.support.deep import times
from tests.support.fingerprints import everything, fingerprint
from tests.support.jobs import working
from tests.support.people import PASSWORD, Company, found_company, sign_in
from tests.support.server import Server, serving
from tests.support.world import World, a_world, number_the_journal

SLUG = "leaving"
ARCHIVES = "/api/v2/organisation/archives"
KILLS = times(1, deep=12)


@pytest_asyncio.fixture(scope="module")
async def server(
    database: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    """A server with a folder of files of its own."""
    files = tmp_path_factory.mktemp("here") / "files"
    files.mkdir()
    async with serving(database, files_url=files.as_uri()) as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def world(server: Server) -> AsyncIterator[World]:
    """An organisation with one of everything."""
    made = await a_world(server, SLUG, "LEAVINGQX")
    await made.make("create_file")
    await number_the_journal(server)
    yield made
    await made.close()


@pytest_asyncio.fixture(scope="module")
async def neighbour(server: Server) -> AsyncIterator[Company]:
    """Somebody else, who lives in the same instance."""
    company = await found_company(server, "neighbour")
    owner = await company.person("owner")
    await owner.made("/api/v2/customers", {"name": "Not to be touched"})
    yield company
    await company.close()


@pytest.fixture(scope="module")
def here(server: Server) -> Settings:
    """The operator's settings of the instance everybody lives in."""
    return settings(
        server.database, Path(str(server.state.settings.files_url).removeprefix("file://")).parent
    )


@pytest_asyncio.fixture
async def admin(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """The superuser, who looks behind the walls."""
    connection = await asyncpg.connect(database.admin)
    yield connection
    await connection.close()


@pytest_asyncio.fixture
async def empty(cluster: Cluster) -> AsyncIterator[Database]:
    """The database of another instance, in which nobody lives."""
    made = await clone(cluster, "test_leaving_empty")
    yield made
    await drop(made)


@pytest_asyncio.fixture(scope="module")
async def elsewhere(cluster: Cluster) -> AsyncIterator[Database]:
    """The database of another instance, in which nobody lives until a test brings somebody in."""
    made = await clone(cluster, "test_leaving_elsewhere")
    yield made
    await drop(made)


def settings(database: Database, data: Path) -> Settings:
    """What the operator of an instance on an outside PostgreSQL has set."""
    given = {name.lower(): value for name, value in addresses(database).items()}
    return Settings(environment=Environment.test, data=data, secret_key="test", **given)  # type: ignore[arg-type]


async def packed(there: Settings, to: Path) -> Packed:
    """`./run archive`."""
    return await asyncio.to_thread(archive_of, there, SLUG, to)


async def brought(there: Settings, archive: Path, **how: bool) -> Brought:
    """`./run restore --org`."""
    return await asyncio.to_thread(lambda: bring(there, archive, SLUG, **how))


@pytest_asyncio.fixture(scope="module")
async def archive(
    world: World, neighbour: Company, here: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The world's archive, made by the operator."""
    path = tmp_path_factory.mktemp("archive") / "leaving.tar"
    await packed(here, path)
    return path


async def test_every_table_that_is_carried_holds_a_row(archive: Path) -> None:
    rows = {name: one["rows"] for name, one in manifest_of(archive)["content"]["tables"].items()}
    assert [one.name for one in TABLES if not rows[one.name]] == []


async def test_no_secret_travels(archive: Path, admin: asyncpg.Connection) -> None:
    whole = archive.read_bytes()
    hashes = await admin.fetch("select password_hash from identity.users where password_hash <> ''")
    assert hashes
    assert [one for (one,) in hashes if one.encode() in whole] == []
    secrets = await admin.fetch(
        "select access_hash from identity.sessions union all select hash from identity.refresh_tokens"
        " union all select token_hash from identity.invitations"
        " union all select message from public.mails where message is not null"
    )
    assert secrets
    assert [one for (one,) in secrets if one in whole or one.hex().encode() in whole] == []


async def test_there_and_back_again(
    archive: Path, world: World, empty: Database, cluster: Cluster, tmp_path: Path
) -> None:
    held = manifest_of(archive)["content"]
    there = settings(empty, tmp_path / "there")

    # into an empty instance: the same, files included
    done = await brought(there, archive)
    assert (done.kept, done.remarks) == (None, [])
    second = tmp_path / "second.tar"
    assert (await packed(there, second)).manifest["content"] == held
    assert {name: body.read() for name, body in contents(second)} == {
        name: body.read() for name, body in contents(archive)
    }

    # people come in by a new password, and everything goes on where it was
    async with serving(empty, files_url=(tmp_path / "there" / "files").as_uri()) as running:
        owner = await _sign_in_anew(running, world)
        for file in world.ids["file"]:
            ours = await world.owner.get(f"/api/v2/files/{file}/content")
            theirs = await owner.get(f"/api/v2/files/{file}/content")
            assert theirs.content == ours.content
        found = await owner.got("/api/v2/search", q=world.mark)
        assert {one["id"] for one in found["data"]} >= {world.id("customer")}
        story = f"/api/v2/customers/{world.id('customer')}/timeline"
        assert (await owner.got(story))["data"] == (await world.owner.got(story))["data"]
        numbers = {await _issued(one, world.id("work_order")) for one in (owner, world.owner)}
        assert len(numbers) == 1  # both go on with the same number
        await number_the_journal(running)
        async with running.state.sessions.open(Scope(world.company.id)) as session:
            ctx = Ctx(session, world.company.id, None, frozenset(Permission))
            assert await journal_chain.verify(ctx) is None
            assert (await journal_chain.head(ctx)).seq > held["journal"]["seq"]
        await owner.aclose()

    # and back, into a third one: what was written there meanwhile comes along
    third, last = tmp_path / "third.tar", tmp_path / "last.tar"
    grown = (await packed(there, third)).manifest["content"]
    assert grown["journal"]["seq"] > held["journal"]["seq"]
    again = await clone(cluster, "test_leaving_again")
    try:
        back = settings(again, tmp_path / "back")
        await brought(back, third)
        assert (await packed(back, last)).manifest["content"] == grown
    finally:
        await drop(again)


async def _sign_in_anew(running: Server, world: World) -> Any:
    """By the code of the mail that “Forgot password” sends, as people do who come along."""
    email, new = world.owner.email, "a wholly new passphrase"
    async with running.state.sessions.open(Scope(world.company.id)) as session:
        token = await tickets.issue(session, Purpose.reset, email, user_id=world.owner.user_id)
        await session.commit()
    async with httpx2.AsyncClient(base_url=running.url) as nobody:
        body = {"token": token, "password": new}
        reply = await nobody.post("/api/v2/auth/password/reset", json=body)
        assert reply.status_code == 204, reply.text
    return await sign_in(running, email, SLUG, new)


async def _issued(owner: Any, work_order: str) -> str:
    """The number of another invoice."""
    lines = [{"description": "Pumping", "unit_price": "100"}]
    draft = await owner.made(f"/api/v2/work-orders/{work_order}/invoices", {"lines": lines})
    return str((await owner.made(f"/api/v2/invoices/{draft['id']}/issue"))["number"])


def objects(there: Settings) -> dict[str, bytes]:
    """Every object in the store of an instance."""
    files = there.data / "files"
    return {
        str(path.relative_to(files)): path.read_bytes()
        for path in files.rglob("*")
        if path.is_file()
    }


def files_of(archive: Path, company: Company) -> dict[str, bytes]:
    """The objects that an archive holds, by where they stand."""
    return {
        f"{company.id}/{name.removeprefix('files/')}": body.read()
        for name, body in contents(archive)
        if name.startswith("files/")
    }


def places(archive: Path) -> list[tuple[int, str]]:
    """Where each part begins."""
    with tarfile.open(archive, "r:") as tar:
        return [(member.offset, member.name) for member in tar]


def test_any_changed_byte_is_refused_and_named(archive: Path, tmp_path: Path) -> None:
    content, bad = archive.read_bytes(), tmp_path / "bad.tar"
    starts = places(archive)
    step = len(content) // times(60, deep=3000) | 1
    last = starts[-1][0]
    for place in (*range(0, len(content), step), *(start + 5 for start, _ in starts), last + 600):
        bad.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        named = [name for start, name in starts if start <= place][-1]
        with pytest.raises(Damaged, match=named):
            prove(bad)
    for length in range(0, len(content), len(content) // 20):
        bad.write_bytes(content[:length])
        with pytest.raises(Damaged):
            prove(bad)
    bad.write_bytes(content + b"\0")
    with pytest.raises(Damaged):
        prove(bad)


def rewritten(
    archive: Path, to: Path, parts: dict[str, bytes | None] | None = None, **held: Any
) -> Path:
    """The same archive with other parts (None: without it), whole by all its digests."""
    manifest, parts = manifest_of(archive), parts or {}
    content = manifest["content"] | held
    with to.open("wb") as out:
        writer = Writer(out)
        for name, body in contents(archive):
            new = parts.get(name, body.read())
            if new is not None:
                part = writer.add(name, len(new), iter([new]))
                table = name.removeprefix("tables/").removesuffix(".jsonl")
                if name in parts and table in content["tables"]:
                    content["tables"][table]["sha256"] = part.sha256
                if name in parts and name == "journal.jsonl":
                    content["journal"]["sha256"] = part.sha256
                if name in parts and (file := name.removeprefix("files/")) != name:
                    content["files"]["parts"][file] = {"length": len(new), "sha256": part.sha256}
        for name in parts.keys() - {one["name"] for one in manifest["parts"]}:
            writer.add(name, len(parts[name] or b""), iter([parts[name] or b""]))
        writer.finish({"kind": KIND, "truckroll": "0", "content": content,
                       "content_sha256": digest_of(content)})  # fmt: skip
    return to


def test_an_archive_that_somebody_made_up_is_refused(archive: Path, tmp_path: Path) -> None:
    to = tmp_path / "odd.tar"
    for odd in ("tables/../../etc.jsonl", "/etc/passwd", "files/../x/content", "tables/zzz.jsonl"):
        with pytest.raises(Damaged, match="a part that no archive has"):
            prove(rewritten(archive, to, {odd: b"{}\n"}))
    with pytest.raises(Damaged, match=r"lacks a part.*tables/notes.jsonl"):
        prove(rewritten(archive, to, {"tables/notes.jsonl": None}))
    strange = {"files": {"known": 1, "parts": {"../../x/content": {"length": 1, "sha256": ""}}}}
    with pytest.raises(Damaged, match="a part that no archive has"):
        prove(rewritten(archive, to, **strange))

    # a tar of other members, and what unpacks to more than it is
    with tarfile.open(to, "w") as tar:
        tar.add(archive, "tables/customers.jsonl")
    with pytest.raises(Damaged, match="Use another one"):
        prove(to)
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("manifest.json", b"\0" * 10_000_000)
    with pytest.raises(Damaged, match="no whole archive"):
        prove(to)


async def test_what_does_not_hold_together_is_not_brought_in(
    archive: Path, elsewhere: Database, tmp_path: Path
) -> None:
    there, to = settings(elsewhere, tmp_path / "there"), tmp_path / "odd.tar"
    whole = {name: body.read() for name, body in contents(archive)}
    admin = await asyncpg.connect(elsewhere.admin)
    before = await everything(admin)

    async def refused(odd: Path, because: str) -> None:
        with pytest.raises(NotReadyError, match=because):
            await brought(there, odd)
        assert await everything(admin) == before
        assert objects(there) == {}

    journal, ledger = whole["journal.jsonl"], whole["tables/ledger_entries.jsonl"]
    lines, itself = whole["tables/invoice_lines.jsonl"], whole["tables/organisation.jsonl"]
    [first, *rest] = journal.splitlines(keepends=True)
    beyond = re.sub(rb'"id":[0-9]+', b'"id":4611686018427387904', first, count=1)
    odd: list[tuple[str, bytes, str]] = [
        ("journal", b"".join([beyond, *rest]), "a number that no instance reaches"),
        ("journal", journal.replace(b'"source":"api"', b'"source":"job"', 1), "at number"),
        ("tables/invoice_lines", lines.replace(b'"amount":', b'"amount":1'), "do not add up"),
        ("tables/ledger_entries", ledger.replace(b'"amount":1000', b'"amount":9', 1), "balance"),
        ("journal", b"".join(rest), "breaks at number 1"),
        ("tables/organisation", itself.replace(b'"id":"0', b'"id":"1'), "another organisation"),
    ]
    await refused(rewritten(archive, to, schema="9999"), "the schema 9999")
    for name, content, because in odd[: times(2, deep=9)]:
        await refused(rewritten(archive, to, {f"{name}.jsonl": content}), because)
    with pytest.raises(NotReadyError, match="is the archive of “leaving”, not of “other”"):
        await asyncio.to_thread(bring, there, archive, "other")
    with pytest.raises(NotReadyError, match="archive of one organisation"):
        await asyncio.to_thread(restore, there, archive)
    await admin.close()


async def test_one_organisation_is_restored_and_no_other_is_touched(
    archive: Path,
    world: World,
    neighbour: Company,
    here: Settings,
    admin: asyncpg.Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held, ours = manifest_of(archive)["content"], world.company.id
    mine = tmp_path / archive.name
    mine.write_bytes(archive.read_bytes())
    untouched = await fingerprint(admin, neighbour.id)
    with pytest.raises(NotReadyError, match=r"is here, and is not empty .*--replace"):
        await brought(here, mine)

    # some of it is lost
    async with admin.transaction():
        await admin.execute("set local session_replication_role = replica")
        await admin.execute("delete from public.notes where org_id = $1", ours)
        await admin.execute("update public.customers set name = 'x' where org_id = $1", ours)
    done = await brought(here, mine, replace=True)
    assert done.kept is not None
    assert manifest_of(done.kept)["content"]["tables"]["notes"]["rows"] == 0
    assert (await packed(here, tmp_path / "after.tar")).manifest["content"] == held
    assert await fingerprint(admin, neighbour.id) == untouched
    assert (await world.owner.get("/api/v2/customers")).status_code == 401  # they sign in again

    # so much is lost that it cannot be kept
    monkeypatch.setattr(packing, "TRIES", 1)
    await admin.execute("delete from system.journal_numbers where org_id = $1 and seq > 9", ours)
    with pytest.raises(NotReadyError, match=r"nothing was replaced.*--discard"):
        await brought(here, mine, replace=True)
    assert (await brought(here, mine, replace=True, discard=True)).kept is None
    assert (await packed(here, tmp_path / "new.tar")).manifest["content"] == held
    monkeypatch.undo()

    # all of it is lost, and the files too
    async with admin.transaction():
        await admin.execute("set local session_replication_role = replica")
        for (name,) in await admin.fetch(
            "select distinct c.oid::regclass::text from pg_class c join pg_attribute a"
            " on a.attrelid = c.oid and a.attname = 'org_id' where c.relkind = 'r'"
            " and c.relnamespace in ('public'::regnamespace, 'identity'::regnamespace,"
            " 'system'::regnamespace)"
        ):
            await admin.execute(f"delete from {name} where org_id = $1", ours)
        await admin.execute("delete from identity.organisations where id = $1", ours)
    shutil.rmtree(here.data / "files" / str(ours))
    assert (await brought(here, mine)).kept is None
    assert (await packed(here, tmp_path / "whole.tar")).manifest["content"] == held
    assert await fingerprint(admin, neighbour.id) == untouched

    # whoever worked here works here again, with the password they have
    owner = await sign_in(world.company.server, world.owner.email, SLUG)
    assert (await owner.get(f"/api/v2/files/{world.id('file')}/content")).status_code == 200
    world.company.people["back"] = world.owner = owner


async def test_files_change_with_their_rows_or_not_at_all(
    archive: Path, world: World, here: Settings, tmp_path: Path
) -> None:
    mine, [file, *_] = tmp_path / archive.name, world.ids["file"]
    mine.write_bytes(archive.read_bytes())
    owner = await sign_in(world.company.server, world.owner.email, SLUG)
    later = {"file": ("later.txt", b"After the archive was made.", "text/plain")}
    added = (await owner.post("/api/v2/files", files=later)).json()
    await owner.aclose()
    place = here.data / "files" / str(world.company.id)
    (place / str(file) / "content").write_bytes(b"damaged")
    before = objects(here)
    assert f"{world.company.id}/{added['id']}/content" in before

    # an archive with another content of the file, refused at the very end
    lines = next(b.read() for name, b in contents(mine) if name == "tables/invoice_lines.jsonl")
    odd = {
        f"files/{file}/content": b"somebody else's",
        "tables/invoice_lines.jsonl": lines.replace(b'"amount":', b'"amount":1'),
    }
    with pytest.raises(NotReadyError, match="do not add up"):
        await brought(here, rewritten(mine, tmp_path / "odd.tar", odd), replace=True, discard=True)
    assert objects(here) == before

    # and the whole one: what was damaged is mended, what came later is gone with its row
    await brought(here, mine, replace=True, discard=True)
    left = {name: body for name, body in before.items() if str(world.company.id) not in name}
    assert objects(here) == left | files_of(mine, world.company)
    world.company.people["back"] = world.owner = await sign_in(
        world.company.server, world.owner.email, SLUG
    )


async def test_what_is_written_meanwhile_is_never_lost(
    archive: Path,
    world: World,
    here: Settings,
    database: Database,
    admin: asyncpg.Connection,
    tmp_path: Path,
) -> None:
    mine = tmp_path / archive.name
    mine.write_bytes(archive.read_bytes())
    owner = await sign_in(world.company.server, world.owner.email, SLUG)
    holder = await asyncpg.connect(database.admin)
    holding = holder.transaction()
    await holding.start()
    # it waits for this row once it has taken away what was here
    await holder.execute(
        "select from identity.organisations where id = $1 for update", world.company.id
    )
    replacing = asyncio.create_task(brought(here, mine, replace=True))
    waiting = (
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
        " and query like '%insert into identity.organisations%' and pid <> pg_backend_pid()"
    )
    async with asyncio.timeout(30):
        while not await admin.fetchval(waiting):
            await asyncio.sleep(0.02)
    made = await owner.made("/api/v2/customers", {"name": "Written meanwhile"})
    await holding.rollback()
    await holder.close()
    with pytest.raises(NotReadyError, match="Somebody has written"):
        await replacing
    assert (await owner.get(f"/api/v2/customers/{made['id']}")).status_code == 200
    await owner.aclose()


async def test_everybody_else_goes_on_while_one_is_brought_in(
    archive: Path,
    world: World,
    neighbour: Company,
    server: Server,
    here: Settings,
    admin: asyncpg.Connection,
    tmp_path: Path,
) -> None:
    mine, theirs = tmp_path / archive.name, tmp_path / "neighbour.tar"
    mine.write_bytes(archive.read_bytes())
    await asyncio.to_thread(archive_of, here, neighbour.slug, theirs)
    waiting = (
        "select count(*) from pg_stat_activity where wait_event = 'advisory'"
        " and datname = current_database()"
    )
    owner = await sign_in(server, neighbour.people["owner"].email, neighbour.slug)

    # somebody of theirs is in the middle of a long transaction, and so is somebody of ours
    async with (
        server.state.sessions.open(Scope(neighbour.id)) as long,
        server.state.sessions.open(Scope(world.company.id)) as ours,
    ):
        for session in (long, ours):
            session.add(Customer(name="In the middle", sort_name="in the middle"))
            await session.flush()
        replacing = asyncio.create_task(brought(here, mine, replace=True, discard=True))
        async with asyncio.timeout(30):
            while not await admin.fetchval(waiting):
                await asyncio.sleep(0.02)

        # it waits for ours, at its very end: everybody else writes, is looked after, and moves in
        began = time.monotonic()
        await owner.made("/api/v2/customers", {"name": "Not kept waiting"})
        assert time.monotonic() - began < 1
        await admin.execute("set lock_timeout = '1s'")
        await admin.execute("analyze public.journal, public.customers")
        await long.commit()
        moved = await asyncio.to_thread(bring, here, theirs, neighbour.slug, replace=True)
        assert moved.organisation["slug"] == neighbour.slug
        assert not replacing.done()
        await ours.commit()
    with pytest.raises(NotReadyError, match="Somebody has written"):
        await replacing

    # and it never waits for theirs
    async with server.state.sessions.open(Scope(neighbour.id)) as long:
        long.add(Customer(name="In the middle again", sort_name="again"))
        await long.flush()
        async with asyncio.timeout(20):
            await brought(here, mine, replace=True, discard=True)
        await long.commit()
    world.company.people["back"] = world.owner = await sign_in(server, world.owner.email, SLUG)
    neighbour.people["owner"] = await sign_in(server, owner.email, neighbour.slug)
    await owner.aclose()


async def test_somebody_elses_address_is_refused_in_words(
    archive: Path, empty: Database, world: World, tmp_path: Path
) -> None:
    async with serving(empty) as running:
        company = await found_company(running, "others")
        await company.add(world.owner.email, "Somebody Else", "viewer")
    with pytest.raises(NotReadyError, match=f"{world.owner.email} works here for somebody else"):
        await brought(settings(empty, tmp_path / "there"), archive)


def killed(line: str, running: nest.Program) -> None:
    """SIGKILL when it says something."""
    assert running.stdout is not None
    assert any(line in one for one in running.stdout), "it never came to that"
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()


async def test_a_killed_restore_leaves_nothing_and_a_second_try_works(
    archive: Path, world: World, elsewhere: Database, tmp_path: Path
) -> None:
    there = settings(elsewhere, tmp_path / "there")
    other = addresses(elsewhere) | {"TRUCKROLL_DATA": str(there.data)}
    restore_it = ("restore", archive, "--org", SLUG)
    admin = await asyncpg.connect(elsewhere.admin)
    before = await everything(admin)
    for again in range(KILLS):
        running = app(*restore_it, **other)
        line = ("Comparing", "Bringing it in", "Checking")[again % 3]
        await asyncio.to_thread(killed, line, running)
        await _nobody_restores(admin)
        assert await everything(admin) == before
        assert not (there.data / "files" / str(world.company.id)).exists()
    await asyncio.to_thread(_swept, there)
    assert objects(there) == {}
    code, output = await asyncio.to_thread(said, app(*restore_it, **other))
    assert (code, "Leaving is here" in output) == (0, True), output
    assert objects(there) == files_of(archive, world.company)

    # once it has committed a worker goes on
    for _ in range(times(0, deep=KILLS)):
        shutil.rmtree(there.data / "files")
        running = app(*restore_it, "--replace", "--discard", **other)
        await asyncio.to_thread(killed, "Putting its files", running)
        await _nobody_restores(admin)
        await asyncio.to_thread(_swept, there)
        assert objects(there) == files_of(archive, world.company)
    await admin.close()


async def _nobody_restores(admin: asyncpg.Connection) -> None:
    """The server has noticed that whoever restored is dead."""
    async with asyncio.timeout(10):
        while await admin.fetchval(
            "select count(*) from pg_stat_activity where usename = 'truckroll_owner'"
            " and datname = current_database()"
        ):
            await asyncio.sleep(0.02)


def _swept(there: Settings) -> None:
    """What a worker does every hour."""

    async def sweep(installation: Installation) -> None:
        async with served(installation) as sessions:
            await arriving.sweep(sessions)

    with opened(there) as installation:
        asyncio.run(sweep(installation))


async def test_files_that_could_not_be_put_in_place_are_a_workers_next_job(
    archive: Path, world: World, empty: Database, tmp_path: Path
) -> None:
    there = settings(empty, tmp_path / "there")
    files = there.data / "files"
    [file, *_] = world.ids["file"]
    in_the_way = files / str(world.company.id) / str(file) / "content" / "x"
    in_the_way.mkdir(parents=True)
    with pytest.raises(
        NotReadyError, match="Leaving is here with all its rows, but not all of its"
    ):
        await brought(there, archive)
    half = files / "arriving" / str(world.company.id) / "half.content#1"
    half.write_text("what a killed one had not written to its end")
    shutil.rmtree(in_the_way.parent)
    async with serving(empty, files_url=files.as_uri()) as running:
        async with working(empty, running.state.sessions), asyncio.timeout(30):
            while [one for one in objects(there) if re.match("arriving/[^#]*$", one)]:
                await asyncio.sleep(0.05)
        await arriving.sweep(running.state.sessions)
        elsewhere = files / str(world.company.id) / "half" / "content#2"
        elsewhere.parent.mkdir()
        elsewhere.write_text("of a request that was killed")
        await arriving.remove_halves(running.state.sessions)
        assert elsewhere.exists()  # it may be on its way
        os.utime(elsewhere, (0, 0))
        await arriving.remove_halves(running.state.sessions)
        assert objects(there) == files_of(archive, world.company)
    assert (await packed(there, tmp_path / "again.tar")).content_sha256 == manifest_of(archive)[
        "content_sha256"
    ]


async def test_a_killed_archive_leaves_nothing_and_a_second_try_works(
    world: World, here: Settings, tmp_path: Path
) -> None:
    home = addresses(world.company.server.database) | {"TRUCKROLL_DATA": str(here.data)}
    to = tmp_path / "mine.tar"
    for _ in range(times(0, deep=KILLS)):
        running = app("archive", to, "--org", SLUG, **home)
        await asyncio.to_thread(killed, "rows and files", running)
        assert not to.exists()
    (tmp_path / "mine.tar.part").write_bytes(b"what a killed one has left")
    await packed(here, to)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.tar"]
    assert prove(to)["kind"] == KIND


async def test_an_archive_goes_on_when_its_worker_is_killed(
    world: World, server: Server, here: Settings, admin: asyncpg.Connection
) -> None:
    owner = await sign_in(server, world.owner.email, SLUG)
    asked = await owner.made(ARCHIVES)
    holding = admin.transaction()
    await holding.start()
    await admin.execute("lock table public.notes in access exclusive mode")
    home = addresses(server.database) | {"TRUCKROLL_DATA": str(here.data)}
    worker = app("work", **home)
    async with asyncio.timeout(60):
        while (await owner.got(f"{ARCHIVES}/{asked['id']}"))["status"] != "running":
            await asyncio.sleep(0.05)
    os.killpg(worker.pid, signal.SIGKILL)
    await asyncio.to_thread(worker.communicate)
    await holding.rollback()
    made = await _ready(server, owner, asked["id"])
    assert made["failure"] is None
    content = await owner.get(f"{ARCHIVES}/{asked['id']}/content")
    assert hashlib.sha256(content.content).hexdigest() == made["sha256"]
    await owner.aclose()


async def _ready(server: Server, owner: Any, archive_id: str) -> Any:
    """The archive, once a worker and a relay have made it."""
    stop = asyncio.Event()
    numbering = asyncio.create_task(Relay(server.database.relay).run(stop))
    async with working(server.database, server.state.sessions), asyncio.timeout(60):
        while (made := await owner.got(f"{ARCHIVES}/{archive_id}"))["status"] != "ready":
            assert made["status"] in ("queued", "running"), made
            await asyncio.sleep(0.05)
    stop.set()
    await numbering
    return made


async def test_an_owner_takes_everything_away(
    world: World, server: Server, elsewhere: Database, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    path = ARCHIVES
    owner = await sign_in(server, world.owner.email, SLUG)
    assistant = await world.company.person("admin", "a.min")
    for refused in (await assistant.post(path), await assistant.get(path)):
        assert refused.status_code == 403
    await admin.execute("update identity.sessions set proved_at = proved_at - interval '1 hour'")
    assert (await owner.post(path)).json()["code"] == "step_up_required"
    await owner.made("/api/v2/auth/step-up", {"password": PASSWORD})
    asked = await owner.made(path)
    assert (await owner.post(path)).json()["code"] == "being_made"
    early = await owner.get(f"{path}/{asked['id']}/content")
    assert (early.status_code, early.json()["detail"][:24]) == (404, "This archive is still be")

    made = await _ready(server, owner, asked["id"])
    assert made["steps"] == made["steps_done"] > 400
    reply = await owner.get(f"{path}/{asked['id']}/content")
    assert hashlib.sha256(reply.content).hexdigest() == made["sha256"]
    assert len(reply.content) == made["length"]
    assert reply.headers["content-disposition"].startswith("attachment; filename=")
    taken = tmp_path / "taken.tar"
    taken.write_bytes(reply.content)
    assert prove(taken)["content_sha256"] == made["content_sha256"]
    there = settings(elsewhere, tmp_path / "there")
    await brought(there, taken, replace=True)
    again = await packed(there, tmp_path / "again.tar")
    assert again.content_sha256 == made["content_sha256"]
    story = await owner.got("/api/v2/organisation/timeline")
    assert "written into an archive" in str(story["data"][0])

    # after a day it is gone
    await admin.execute("update public.archives set expires_at = expires_at - interval '1 day'")
    late = await owner.get(f"{path}/{asked['id']}/content")
    assert (late.status_code, late.json()["detail"]) == (
        404,
        "This archive has had its time. Have a new one made.",
    )
    async with server.state.sessions.open(Scope(world.company.id)) as session:
        await leaving.sweep(await act_for(session, None))
        await session.commit()
    assert (await owner.got(f"{path}/{asked['id']}"))["status"] == "removed"
    kept = Path(str(server.state.settings.files_url).removeprefix("file://"))
    assert not (kept / str(world.company.id) / asked["id"] / "archive").exists()
    await owner.aclose()
