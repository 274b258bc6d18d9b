"""Leaving whole: one organisation out, into another instance, and back, with nothing lost on the way."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from app.core.archive import manifest_of
from app.postgres import Cluster
from tests.durability.test_backup import addresses, app, said
from tests.support.database import Database, clone, drop
from tests.support.server import Server
from tests.support.world import World, a_world


@pytest_asyncio.fixture(scope="module")
async def world(server: Server) -> AsyncIterator[World]:
    """An organisation with one of everything."""
    made = await a_world(server, "leaving", "LEAVINGQX")
    yield made
    await made.close()


@pytest_asyncio.fixture
async def elsewhere(cluster: Cluster, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """The settings of another, empty instance, with a folder of files of its own."""
    made = await clone(cluster, "test_leaving_elsewhere")
    yield addresses(made) | {"TRUCKROLL_DATA": str(tmp_path / "elsewhere")}
    await drop(made)


async def run(*arguments: str | Path, **settings: str) -> str:
    """`./run …` that must succeed: what it said."""
    code, output = await asyncio.to_thread(said, app(*arguments, **settings))
    assert code == 0, output
    return output


async def refused(*arguments: str | Path, **settings: str) -> str:
    """`./run …` that must not: what it said."""
    code, output = await asyncio.to_thread(said, app(*arguments, **settings))
    assert code == 1, output
    return output


def content_of(path: Path) -> dict[str, Any]:
    return dict(manifest_of(path)["content"])


async def test_out_in_and_out_again_is_the_same(
    world: World, database: Database, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    here = addresses(database)
    first, second = tmp_path / "first.tar", tmp_path / "second.tar"
    await run("archive", first, "--org", "leaving", **here)
    held = content_of(first)
    print(
        {k: v["rows"] for k, v in held["tables"].items()},
        held["journal"],
        held["ledger"],
        held["files"],
    )
    print(await run("restore", first, "--org", "leaving", **elsewhere))
    print(await run("archive", second, "--org", "leaving", **elsewhere))
    assert content_of(second) == held
