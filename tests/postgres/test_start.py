"""A server for a folder: new, again, shared, and closed to everybody else."""

import asyncio
import os
import stat
from pathlib import Path

import asyncpg
import pytest

from app.postgres import Cluster, StartError, start
from tests.postgres.conftest import Begin
from tests.postgres.world import Application, ask, ask_at, ends, identifier, postmaster


def test_a_new_folder_becomes_a_server(place: Path, begin: Begin) -> None:
    cluster = begin(place / "data", durable=True)

    assert ask(cluster, "SELECT current_user::text") == "postgres"
    assert ask(cluster, "SHOW fsync") == "on"
    assert ask(cluster, "SHOW timezone") == "UTC"
    assert ask(cluster, "SHOW server_encoding") == "UTF8"
    assert (
        ask(cluster, "SELECT lower('É') || (SELECT min(x) FROM unnest('{b,B}'::text[]) x)") == "éB"
    )


def test_it_listens_to_this_machine_alone_and_wants_a_password(cluster: Cluster) -> None:
    assert ask(cluster, "SHOW listen_addresses") == cluster.host == "127.0.0.1"
    assert ask(cluster, "SHOW unix_socket_directories") == ""
    with pytest.raises(asyncpg.InvalidPasswordError):
        ask_with(cluster.dsn("postgres", "postgres", "a guess"))
    rules = "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules"
    assert ask(cluster, rules) == "scram-sha-256"


def test_secrets_are_for_their_owner_alone(cluster: Cluster) -> None:
    cluster.secret("app")

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in cluster.folder.path.iterdir()}
    kept = {file.name: stat.S_IMODE(file.stat().st_mode) for file in secrets(cluster.folder.path)}

    assert kept == {"superuser": 0o600, "app": 0o600}
    assert modes["cluster"] == modes["secrets"] == modes["log"] == 0o700
    assert modes["start.log"] == 0o600


def test_a_second_start_finds_what_the_first_one_left(data: Path, begin: Begin) -> None:
    first = begin(data)
    ask(first, "CREATE TABLE remembered AS SELECT 42 AS answer")
    before = (identifier(first), first.port, first.superuser_password, first.secret("app"))
    old = postmaster(first)
    first.close()
    assert ends(old)

    again = begin(data)

    assert ask(again, "SELECT answer FROM remembered") == 42
    assert (identifier(again), again.port, again.superuser_password, again.secret("app")) == before
    assert postmaster(again) != old


def test_who_comes_second_gets_the_same_server(data: Path, begin: Begin) -> None:
    first = begin(data)

    second = begin(data)
    first.close()
    first.close()

    assert postmaster(second) == postmaster(first)
    assert ask(second, "SELECT 1") == 1


def test_four_starters_at_once_share_one_server(
    place: Path, applications: list[Application]
) -> None:
    applications += [Application(place / "data") for _ in range(4)]

    told = [application.says() for application in applications]

    assert len({report["postmaster"] for report in told}) == 1
    assert len({report["port"] for report in told}) == 1


async def test_it_starts_from_inside_an_event_loop(cluster: Cluster) -> None:
    same = start(cluster.folder.path)

    same.close()
    assert same.port == cluster.port
    dsn = same.dsn("postgres", same.superuser, same.superuser_password)
    assert await ask_at(dsn, "SELECT 1") == 1


def test_a_relative_folder_is_meant_from_here(
    place: Path, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)

    cluster = begin(Path("some/data"))

    assert cluster.folder.path == place / "some" / "data"
    assert ask(cluster, "SELECT 1") == 1


def test_settings_reach_the_server(data: Path, begin: Begin) -> None:
    cluster = begin(data, settings={"max_connections": "17"})

    assert ask(cluster, "SHOW max_connections") == "17"
    assert ask(cluster, "SHOW fsync") == "off"
    assert ask(cluster, "SHOW full_page_writes") == "off"


def test_a_setting_that_does_not_exist_is_told_in_words(data: Path, begin: Begin) -> None:
    with pytest.raises(StartError) as refusal:
        begin(data, settings={"colour": "green"})

    assert 'unrecognized configuration parameter "colour"' in str(refusal.value)
    assert ask(begin(data), "SELECT 1") == 1


def test_an_address_survives_awkward_names(cluster: Cluster) -> None:
    ask(cluster, """CREATE ROLE "o'brien@home" LOGIN PASSWORD 'p@ss/w%rd?#'""")

    dsn = cluster.dsn("postgres", "o'brien@home", "p@ss/w%rd?#")

    assert ask_with(dsn) == "o'brien@home"


def test_a_secret_has_a_plain_name(cluster: Cluster) -> None:
    with pytest.raises(ValueError) as refusal:
        cluster.secret("../port")

    assert "'../port'" in str(refusal.value)


def test_the_database_never_runs_as_root(cluster: Cluster) -> None:
    server = Path(f"/proc/{postmaster(cluster)}").stat().st_uid

    assert server != 0
    assert server == cluster.folder.cluster.stat().st_uid
    assert server == os.geteuid() or os.geteuid() == 0


def secrets(folder: Path) -> list[Path]:
    return list((folder / "secrets").iterdir())


def ask_with(dsn: str) -> object:
    return asyncio.run(ask_at(dsn, "SELECT current_user::text"))
