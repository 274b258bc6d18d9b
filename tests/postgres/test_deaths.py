"""Whatever is killed, and however: the database ends when it should, and comes back."""

import os
import signal
import subprocess
import threading
from pathlib import Path

import asyncpg
import pytest

from app.postgres.account import account_for
from tests.postgres.conftest import Begin
from tests.postgres.world import (
    Application,
    ask,
    ends,
    eventually,
    kill,
    parent,
    postmaster,
    runs,
)


def test_a_killed_server_is_replaced_by_the_next_start(data: Path, begin: Begin) -> None:
    cluster = begin(data, durable=True)
    ask(cluster, "CREATE TABLE kept AS SELECT 42 AS answer")
    killed, watchdog = postmaster(cluster), parent(postmaster(cluster))

    kill(killed)
    again = begin(data)

    assert ends(killed)
    assert ends(watchdog)
    assert postmaster(again) != killed
    assert ask(again, "SELECT answer FROM kept") == 42


def test_a_killed_server_takes_its_busy_backends_along(data: Path, begin: Begin) -> None:
    cluster = begin(data)
    work = threading.Thread(target=count_for_ever, args=(cluster,))
    work.start()
    busy = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%1e15%' AND pid <> pg_backend_pid()"
    assert eventually(lambda: ask(cluster, busy))
    backend = ask(cluster, busy)

    kill(postmaster(cluster))
    again = begin(data)
    work.join()

    assert not runs(backend)
    assert ask(again, "SELECT 1") == 1


def test_the_database_ends_with_a_killed_application(
    data: Path, begin: Begin, applications: list[Application]
) -> None:
    application = Application(data)
    applications.append(application)
    told = application.says()

    application.kill_with_its_group()

    assert ends(told["postmaster"])
    cluster = begin(data)
    assert postmaster(cluster) != told["postmaster"]
    assert ask(cluster, "SELECT 1") == 1


def test_a_child_that_outlives_its_application_keeps_nothing_up(
    data: Path, applications: list[Application]
) -> None:
    application = Application(data)
    applications.append(application)
    told = application.says()

    kill(application.process.pid)

    assert ends(told["postmaster"])
    assert runs(told["child"])
    kill(told["child"])


def test_the_database_stays_for_the_application_that_is_left(
    data: Path, begin: Begin, applications: list[Application]
) -> None:
    application = Application(data)
    applications.append(application)
    application.says()
    cluster = begin(data)

    application.kill_with_its_group()

    assert not ends(postmaster(cluster), within=1)
    assert ask(cluster, "SELECT 1") == 1


def test_an_open_transaction_does_not_delay_the_end(data: Path, begin: Begin) -> None:
    cluster = begin(data)
    server = postmaster(cluster)
    work = threading.Thread(target=count_for_ever, args=(cluster,))
    work.start()
    busy = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%1e15%' AND pid <> pg_backend_pid()"
    assert eventually(lambda: ask(cluster, busy))

    cluster.close()

    assert ends(server)
    work.join()


def test_a_server_does_not_outlive_its_watchdog(data: Path, begin: Begin) -> None:
    cluster = begin(data)
    server = postmaster(cluster)

    kill(parent(server))

    assert ends(server)
    assert ask(begin(data), "SELECT 1") == 1


def test_a_server_that_hangs_is_not_waited_for(data: Path, begin: Begin) -> None:
    cluster = begin(data)
    server = postmaster(cluster)
    os.kill(server, signal.SIGSTOP)

    cluster.close()

    assert ends(server)
    assert ask(begin(data), "SELECT 1") == 1


def test_a_reused_process_id_fools_nobody(data: Path, begin: Begin) -> None:
    cluster = begin(data)
    pid_file = cluster.folder.cluster / "postmaster.pid"
    left = pid_file.read_text().splitlines()
    server = postmaster(cluster)
    cluster.close()
    assert ends(server)
    account = account_for(cluster.folder.cluster)
    with subprocess.Popen(["sleep", "300"], cwd="/", **account.identity) as stranger:
        pid_file.write_text("\n".join([str(stranger.pid), *left[1:]]) + "\n")
        os.chown(pid_file, account.uid, account.gid)

        again = begin(data)

        assert stranger.poll() is None
        stranger.kill()
    assert ask(again, "SELECT 1") == 1
    assert postmaster(again) != stranger.pid


def test_what_a_power_cut_left_of_the_small_files_stops_nobody(data: Path, begin: Begin) -> None:
    (data / "cluster" / "postmaster.pid").write_bytes(bytes(80))
    (data / "port").write_text("")

    assert ask(begin(data), "SELECT 1") == 1


def test_a_starter_killed_halfway_leaves_no_half_a_database(
    place: Path, begin: Begin, applications: list[Application]
) -> None:
    application = Application(place / "data")
    applications.append(application)
    assert eventually(lambda: list(place.glob("data/creating-*/cluster/PG_VERSION")))

    application.kill_with_its_group()
    cluster = begin(place / "data")

    assert ask(cluster, "SELECT 1") == 1
    assert not list(place.glob("data/creating-*"))


def count_for_ever(cluster: object) -> None:
    """Work that never looks up, until the server takes it away."""
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        ask(cluster, "SELECT count(*) FROM generate_series(1, 1e15)")  # type: ignore[arg-type]
