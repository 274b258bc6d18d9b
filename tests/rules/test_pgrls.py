"""Isolation proved by z3 over the policies themselves: no anonymous read, no foreign read, no
foreign write (check A5), and the linter of policies has nothing to say.
"""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from tests.rules.test_catalog import OWN_POLICIES
from tests.support.catalog import tenant_tables
from tests.support.database import Database

PGRLS = [str(Path(sys.executable).with_name("pgrls"))]
CONFIG = Path(__file__).resolve().parents[2] / "pgrls.toml"


async def pgrls(database: Database, *arguments: str) -> Any:
    """The JSON report of a pgrls command."""
    done = await asyncio.to_thread(
        subprocess.run,
        [
            *PGRLS, *arguments,
            "--config", str(CONFIG), "--database-url", database.admin, "--format", "json",
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


@pytest_asyncio.fixture(scope="module")
async def served(database: Database) -> Database:
    """The database as the serving role meets it.

    A policy for another role is no policy to this one, and the catalog's tests hold that the
    serving role can become none of those, so those policies are taken away before the proof.
    """
    connection = await asyncpg.connect(database.admin)
    for name in OWN_POLICIES:
        table, policy = name.split(".")
        await connection.execute(f"drop policy {policy} on public.{table}")
    await connection.close()
    return database


async def test_the_linter_has_nothing_to_say(database: Database) -> None:
    report = await pgrls(database, "lint")
    said = [(v["rule_id"], v["location"], v["message"]) for v in report["violations"]]
    # the window of backups is on every table, and test_catalog holds what it lets through
    assert [one for one in said if not one[1].endswith(".backup_reads")] == []


@pytest.mark.parametrize("mode", ["anon", "cross-tenant", "write"])
async def test_every_table_is_proven(served: Database, mode: str) -> None:
    report = await pgrls(served, "verify", "--schemas", "public", "--mode", mode, "--strict")
    connection = await asyncpg.connect(served.admin)
    expected = {f"public.{table}": "isolated" for table in await tenant_tables(connection)}
    await connection.close()
    assert {one["table"]: one["verdict"] for one in report["tables"]} == expected


@pytest.mark.parametrize("mode", ["escalation", "reachability"])
async def test_there_is_no_way_round(served: Database, mode: str) -> None:
    report = await pgrls(served, "verify", "--schemas", "public", "--mode", mode, "--strict")
    assert report["summary"]["leak"] == report["summary"]["unverified"] == 0


async def test_the_proof_sees_a_planted_leak(served: Database) -> None:
    connection = await asyncpg.connect(served.admin)
    await connection.execute("create policy planted on public.customers using (true)")
    report = await pgrls(served, "verify", "--schemas", "public", "--mode", "anon", "--strict")
    await connection.execute("drop policy planted on public.customers")
    await connection.close()
    leaking = [one["table"] for one in report["tables"] if one["verdict"] == "leak"]
    assert leaking == ["public.customers"]
