"""Migrations wait for no lock, can be undone, lint clean, and say what the models say (check I8)."""

import asyncio
import io
import re
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from alembic import command
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, DateTime, Float
from sqlalchemy.ext.asyncio import create_async_engine

from app.core.migrate import alembic_config, downgrade, upgrade
from app.core.model import Base
from app.postgres import Cluster
from tests.support.catalog import definitions, difference
from tests.support.database import Database, clone, drop
from tests.support.deep import times

ROOT = Path(__file__).resolve().parents[2]
SQUAWK = str(Path(sys.executable).with_name("squawk"))
RELEASED: str | None = None
"""The last revision of the first release; None until there is one."""
ON_EMPTY_TABLES = [
    "ban-drop-constraint",
    "ban-drop-default",
    "ban-drop-function",
    "ban-drop-not-null",
    "changing-column-type",
    "constraint-missing-not-valid",
    "adding-field-with-default",
    "renaming-column",
    "require-concurrent-index-deletion",
]
"""Rules about waiting for rows and clients, of which a first installation has none."""
NEWEST = 10
"""Revisions that are undone one by one; all are undone at once."""
LOCK_TIMEOUT = "set local lock_timeout = '5s'"


@cache
def revisions() -> list[Script]:
    """All of them, the oldest first."""
    return list(reversed(list(ScriptDirectory.from_config(alembic_config("")).walk_revisions())))


@cache
def sql(step: str, *, down: bool = False) -> str:
    """What Alembic would run for `from:to`."""
    config = alembic_config("")
    config.output_buffer = io.StringIO()
    (command.downgrade if down else command.upgrade)(config, step, sql=True)
    return config.output_buffer.getvalue()


def statements(script: str) -> list[str]:
    """The statements between BEGIN and COMMIT, without comments and Alembic's own bookkeeping."""
    lines = [line for line in script.splitlines() if not line.startswith("--")]
    found = [one.strip() for one in "\n".join(lines).split(";\n")]
    return [
        one
        for one in found
        if one not in ("", "BEGIN", "COMMIT")
        and not re.match(r"(CREATE TABLE|INSERT INTO|UPDATE|DELETE FROM) alembic_version", one)
    ]


every_revision = pytest.mark.parametrize("script", revisions(), ids=lambda one: one.revision)


@cache
def steps(*, down: bool = False) -> dict[str, str]:
    """Revision → what Alembic would run for its step, all of them read at once."""
    said = sql("head:base" if down else "base:head", down=down)
    _, *found = re.split(r"^-- Running (?:up|down)grade (\S*) -> (\S*)$", said, flags=re.MULTILINE)
    return dict(zip(found[0 if down else 1 :: 3], found[2::3], strict=True))


@every_revision
def test_it_waits_for_no_lock_up_or_down(script: Script) -> None:
    assert statements(steps()[script.revision])[0] == LOCK_TIMEOUT
    back = statements(steps(down=True)[script.revision])
    assert back[0] == LOCK_TIMEOUT
    assert len(back) > 1, "Write the downgrade."


def test_there_is_one_line_of_migrations() -> None:
    assert len(ScriptDirectory.from_config(alembic_config("")).get_heads()) == 1
    docs = [one.revision for one in revisions() if not (one.doc or "").strip()]
    assert docs == []


def test_squawk_has_nothing_to_say(tmp_path: Path) -> None:
    """A first installation is one script on an empty database; what follows is linted by itself."""
    config = ROOT / ".squawk.toml"
    excluded = tomllib.loads(config.read_text())["excluded_rules"]
    together = ["BEGIN"]
    for script in revisions():
        step = statements(steps()[script.revision])
        if script.revision in first_installation():
            together += step
        else:
            alone = ";\n".join(["BEGIN", *step, "COMMIT", ""])
            (tmp_path / f"{script.revision}.sql").write_text(alone)
    (tmp_path / "first.sql").write_text(";\n".join([*together, "COMMIT", ""]))
    following = sorted(set(tmp_path.glob("*.sql")) - {tmp_path / "first.sql"})
    squawk(tmp_path / "first.sql", excluding=[*excluded, *ON_EMPTY_TABLES])
    for path in following:
        squawk(path, excluding=excluded)


def first_installation() -> set[str]:
    """The revisions that no database with data has ever been taken through."""
    known = [script.revision for script in revisions()]
    return set(known if RELEASED is None else known[: known.index(RELEASED) + 1])


def squawk(script: Path, *, excluding: list[str]) -> None:
    done = subprocess.run(
        [SQUAWK, "--pg-version=15.0", "--reporter=gcc",
         f"--exclude={','.join(excluding)}", script],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest_asyncio.fixture
async def fresh(cluster: Cluster) -> AsyncIterator[Database]:
    """A clone that may be torn down."""
    made = await clone(cluster, "test_rules_migrations_down")
    yield made
    await drop(made)


async def _schema(database: Database) -> dict[str, str]:
    connection = await asyncpg.connect(database.admin)
    try:
        return await definitions(connection)
    finally:
        await connection.close()


async def test_down_and_up_again_is_where_one_was(fresh: Database) -> None:
    at_head = await _schema(fresh)
    await asyncio.to_thread(downgrade, fresh.owner, "base")
    bare = await _schema(fresh)
    assert sorted(bare) == [
        "column alembic_version.version_num",
        "constraint alembic_version.alembic_version_pkc",
        "index alembic_version_pkc",
        "schema public",
        "table alembic_version",
    ]
    await asyncio.to_thread(upgrade, fresh.owner)
    moved = difference(at_head, await _schema(fresh))
    assert not moved, lines(moved)


async def test_each_step_down_undoes_what_its_step_up_did(fresh: Database) -> None:
    """The newest ones every day; `make test-deep` takes all of them."""
    steps = revisions()[-times(NEWEST, deep=len(revisions())) :]
    first = str(steps[0].down_revision or "base")
    await asyncio.to_thread(downgrade, fresh.owner, first)
    seen = {first: await _schema(fresh)}
    for script in steps:
        await asyncio.to_thread(upgrade, fresh.owner, script.revision)
        seen[script.revision] = await _schema(fresh)
    for script in reversed(steps):
        before = str(script.down_revision or "base")
        await asyncio.to_thread(downgrade, fresh.owner, before)
        left = difference(seen[before], await _schema(fresh))
        assert not left, lines([f"down from {script.revision}:", *left])


async def test_alembic_finds_no_drift(database: Database) -> None:
    await asyncio.to_thread(command.check, alembic_config(database.owner))


async def test_models_make_the_tables_that_migrations_make(fresh: Database) -> None:
    """Stricter than Alembic's own comparison: CHECKs, defaults, generated columns, exclusions."""
    aside = {None: "modelled", "identity": "modelled_identity"}

    def create(connection: Connection) -> None:
        Base.metadata.create_all(connection.execution_options(schema_translate_map=aside))

    engine = create_async_engine(fresh.admin.replace("postgresql://", "postgresql+asyncpg://", 1))
    async with engine.begin() as connection:
        for schema in aside.values():
            await connection.exec_driver_sql(f"create schema {schema}")
        await connection.run_sync(create)
    await engine.dispose()
    wanted = ("column ", "constraint ", "index ")
    everything = {
        name: definition
        for name, definition in (await _schema(fresh)).items()
        if name.startswith(wanted)
    }
    modelled = {_at_home(k): _at_home(v) for k, v in everything.items() if " modelled" in k}
    migrated = {
        _at_home(k): _at_home(v)
        for k, v in everything.items()
        if not re.search(r" (modelled|system\.|jobs\.pgqueuer)|alembic_version", k)
    }
    drift = difference(migrated, modelled)
    assert not drift, lines(drift)


def lines(found: list[str]) -> str:
    return "\n".join(found)


def _at_home(text: str) -> str:
    return (
        text.replace("modelled_identity.", "identity.")
        .replace("modelled.", "")
        .replace("public.", "")
    )


def test_columns_hold_exact_numbers_and_instants() -> None:
    for table in Base.metadata.tables.values():
        for column in table.columns:
            assert not isinstance(column.type, Float), column
            assert getattr(column.type, "timezone", True) or not isinstance(column.type, DateTime)
