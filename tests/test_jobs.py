"""A job is done after the commit that asked for it, once, whatever dies; or it is a dead letter."""

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from pgqueuer.domain.schema.declaration import target
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from app.core import clock, queue
from app.core.db import Scope
from app.core.ids import new_id
from app.core.wake import Wake
from app.models.bookings import Booking, BookingKind
from app.models.jobs import Job
from app.models.technicians import Resource, ResourceKind
from app.services import jobs
from app.services.identity.acting import act_for
from app.tasks.schedules import in_each, requeue_lost_jobs, sweep_holds, sweep_jobs, sweep_replies
from tests.support.jobs import MISBEHAVING, asked, ended, worker_process, working
from tests.support.money import session_of
from tests.support.people import Company
from tests.support.server import Server
from tests.support.waiting import until


async def greetings(company: Company, job_id: UUID) -> int:
    """How many customers the job has added."""
    owner = await company.person("owner")
    everybody = (await owner.got("/api/v2/customers", limit=200))["data"]
    return sum(str(job_id) in customer["name"] for customer in everybody)


async def out_of_the_queue(server: Server, job_id: UUID) -> None:
    """Wait until no worker will be given the job again."""
    admin = await asyncpg.connect(server.database.admin)
    async with asyncio.timeout(30):
        left = 1
        while left:
            await asyncio.sleep(0.05)
            left = await admin.fetchval(
                "select count(*) from jobs.pgqueuer where dedupe_key like '%' || $1", str(job_id)
            )
    await admin.close()


async def test_a_job_is_done_once_after_the_commit(acme: Company, server: Server) -> None:
    job_id = await asked(acme, "test.greet")
    async with working(server.database, server.state.sessions, MISBEHAVING):
        job = await ended(acme, job_id, "done")
    assert await greetings(acme, job_id) == 1
    assert (job["attempts"], job["failure"]) == (1, None)
    owner = await acme.person("owner")
    found = (await owner.got("/api/v2/customers"))["data"][0]
    story = await owner.got(f"/api/v2/customers/{found['id']}/timeline")
    told = story["data"][0]
    assert (told["actor"]["id"], told["source"], told["request_id"]) == (
        str(owner.user_id), "job", "asking",
    )  # fmt: skip


async def test_a_job_that_was_rolled_back_never_was(acme: Company, server: Server) -> None:
    owner = await acme.person("owner")
    async with server.state.sessions.open(Scope(acme.id, owner.user_id)) as session:
        job = await jobs.ask(await act_for(session, owner.user_id), "test.greet")
        await session.rollback()
    admin = await asyncpg.connect(server.database.admin)
    assert await admin.fetchval("select count(*) from jobs where id = $1", job.id) == 0
    key = str(job.id)
    assert (
        await admin.fetchval(
            "select count(*) from jobs.pgqueuer where dedupe_key like '%' || $1", key
        )
        == 0
    )
    await admin.close()


async def test_a_commit_wakes_the_worker(acme: Company, server: Server) -> None:
    """Without being woken, a worker looks only every 30 seconds."""
    stop, wake = asyncio.Event(), Wake(server.database.app)
    waking = asyncio.create_task(wake.run(stop))
    server.state.sessions._after_commit = wake.poke
    async with working(server.database, server.state.sessions, MISBEHAVING):
        await asyncio.sleep(1)
        await ended(acme, await asked(acme, "test.greet"), "done", within=15)
    server.state.sessions._after_commit = None
    stop.set()
    await waking


async def test_a_worker_killed_before_its_commit_leaves_the_job_to_another(
    acme: Company, server: Server
) -> None:
    job_id = await asked(acme, "test.die_in_transaction")
    first = await worker_process(server.database)
    assert await asyncio.to_thread(first.wait) == -9
    assert await greetings(acme, job_id) == 0
    async with working(server.database, server.state.sessions, MISBEHAVING):
        job = await ended(acme, job_id, "done")
    assert job["attempts"] == 2
    assert await greetings(acme, job_id) == 1


async def test_a_worker_killed_after_its_commit_has_done_it(acme: Company, server: Server) -> None:
    job_id = await asked(acme, "test.die_after_commit")
    first = await worker_process(server.database)
    assert await asyncio.to_thread(first.wait) == -9
    async with working(server.database, server.state.sessions, MISBEHAVING):
        await out_of_the_queue(server, job_id)
    assert (await ended(acme, job_id, "done"))["attempts"] == 1
    assert await greetings(acme, job_id) == 1


async def test_a_poisonous_job_is_given_up_after_killing_three_workers(
    acme: Company, server: Server
) -> None:
    job_id = await asked(acme, "test.poison")
    victims = [await worker_process(server.database) for _ in range(3)]
    assert [await asyncio.to_thread(victim.wait) for victim in victims] == [-9, -9, -9]
    async with working(server.database, server.state.sessions, MISBEHAVING):
        job = await ended(acme, job_id, "dead")
    assert (job["attempts"], job["failure"]) == (3, "It ended its worker each time.")


async def test_a_dead_letter_is_seen_and_can_be_tried_again(acme: Company, server: Server) -> None:
    owner, dana = await acme.person("owner"), await acme.person("dispatcher")
    ann = await dana.made("/api/v2/customers", {"name": "Without notes"})
    job_id = await asked(acme, "test.need_notes", UUID(ann["id"]))
    async with working(server.database, server.state.sessions, MISBEHAVING):
        job = await ended(acme, job_id, "dead")
        assert job["attempts"] == 3
        assert "LookupError" in job["failure"]
        assert "secret" not in job["failure"]
        dead = await owner.got("/api/v2/jobs", status="dead", kind="test.need_notes")
        assert [one["id"] for one in dead["data"]] == [str(job_id)]

        await dana.patched(f"/api/v2/customers/{ann['id']}", 1, {"notes": "At last."})
        again = await owner.made(f"/api/v2/jobs/{job_id}/requeue")
        assert (again["status"], again["attempts"]) == ("queued", 0)
        await ended(acme, job_id, "done")
    assert (await dana.got(f"/api/v2/customers/{ann['id']}"))["source"] == "job"
    refused = await owner.post(f"/api/v2/jobs/{job_id}/requeue")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_dead")


async def test_jobs_are_shown_to_those_who_may_see_them(acme: Company, rival: Company) -> None:
    job_id = await asked(acme, "test.nobody_knows")
    dana, manager, rob = (
        await acme.person("dispatcher"), await acme.person("manager"), await rival.person("owner"),
    )  # fmt: skip
    assert (await manager.got(f"/api/v2/jobs/{job_id}"))["status"] == "queued"
    assert (await manager.post(f"/api/v2/jobs/{job_id}/requeue")).status_code == 403
    assert (await dana.get("/api/v2/jobs")).status_code == 403
    assert (await rob.get(f"/api/v2/jobs/{job_id}")).status_code == 404
    assert (await rob.post(f"/api/v2/jobs/{job_id}/requeue")).status_code == 404
    assert (await rob.got("/api/v2/jobs"))["data"] == []


async def test_a_stopping_worker_gives_its_job_back_without_losing_an_attempt(
    acme: Company, server: Server
) -> None:
    job_id = await asked(acme, "test.count_to_three")
    async with working(server.database, server.state.sessions, MISBEHAVING):
        await ended(acme, job_id, "running")
        await asyncio.sleep(0.2)
    waiting = await ended(acme, job_id, "queued")
    assert waiting["attempts"] == 0
    async with working(server.database, server.state.sessions, MISBEHAVING):
        await ended(acme, job_id, "done")
    assert await greetings(acme, job_id) == 3


async def test_a_worker_that_was_given_up_for_dead_cannot_finish(
    acme: Company, server: Server
) -> None:
    """Its attempt is overtaken between two of its transactions; the other one does the rest."""
    job_id = await asked(acme, "test.count_to_three")
    admin = await asyncpg.connect(server.database.admin)
    async with working(server.database, server.state.sessions, MISBEHAVING):
        await ended(acme, job_id, "running")
        await admin.execute("update jobs set attempts = attempts + 1 where id = $1", job_id)
        await out_of_the_queue(server, job_id)
    assert await greetings(acme, job_id) < 3
    assert (await ended(acme, job_id, "running"))["attempts"] == 2
    await admin.close()


async def test_a_worker_that_loses_its_connection_comes_back(acme: Company, server: Server) -> None:
    admin = await asyncpg.connect(server.database.admin)
    async with working(server.database, server.state.sessions, MISBEHAVING):
        await ended(acme, await asked(acme, "test.greet"), "done")
        cut = await admin.fetch(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'truckroll worker' and datname = current_database()"
        )
        assert len(cut) == 1
        await ended(acme, await asked(acme, "test.greet"), "done", within=40)
    await admin.close()


@pytest.mark.parametrize(
    "suspend",
    [
        "update identity.memberships set suspended_at = $2 where user_id = $1",
        "update identity.users set disabled_at = $2 where id = $1",
        (
            "update identity.organisations o set suspended_at = $2"
            " from identity.memberships m where m.org_id = o.id and m.user_id = $1"
        ),
    ],
)
async def test_who_has_left_does_nothing_any_more(
    acme: Company, server: Server, suspend: str
) -> None:
    owner = await acme.person("owner")
    job_id = await asked(acme, "test.greet")
    admin = await asyncpg.connect(server.database.admin)
    await admin.execute(suspend, owner.user_id, clock.now())
    async with working(server.database, server.state.sessions, MISBEHAVING):
        await out_of_the_queue(server, job_id)
    await admin.execute(suspend, owner.user_id, None)
    job = await ended(acme, job_id, "dead")
    assert job["failure"] == "The person who asked for this does not work here any more."
    assert await greetings(acme, job_id) == 0
    await admin.close()


async def test_the_clock_frees_expired_holds_and_no_others(acme: Company, server: Server) -> None:
    now, hour, tina = clock.now(), timedelta(hours=1), new_id()
    async with server.state.sessions.open(Scope(acme.id)) as session:
        session.add(Resource(id=tina, kind=ResourceKind.technician))
        await session.flush()
        for start, expires_at in (
            (now + hour, now - timedelta(seconds=1)),
            (now + 3 * hour, now + hour),
        ):
            session.add(
                Booking(
                    resource_id=tina,
                    during=Range(start, start + hour),
                    kind=BookingKind.hold,
                    expires_at=expires_at,
                )
            )
        await session.commit()
    await in_each(server.state.sessions, "sweep_holds", sweep_holds)
    async with server.state.sessions.open(Scope(acme.id)) as session:
        left = (await session.scalars(select(Booking).where(Booking.resource_id == tina))).all()
    assert [booking.starts_at for booking in left] == [now + 3 * hour]


async def test_a_worker_does_what_is_due_by_the_clock(acme: Company, server: Server) -> None:
    """The schedule is moved into the past; the worker that starts next does it at once."""
    job_id = await asked(acme, "test.nobody_knows")
    admin = await asyncpg.connect(server.database.admin)
    await fall_out_of_the_queue(admin, job_id)
    async with working(server.database, server.state.sessions, MISBEHAVING, schedules=True):
        await ended(acme, await asked(acme, "test.greet"), "done")
    due = (
        "update jobs.pgqueuer_schedules set next_run = now() where entrypoint = 'requeue_lost_jobs'"
    )
    assert await admin.execute(due) == "UPDATE 1"
    async with working(server.database, server.state.sessions, MISBEHAVING, schedules=True):
        await until(lambda: _is_queued(admin, job_id))
    await admin.close()


async def fall_out_of_the_queue(admin: asyncpg.Connection, job_id: UUID) -> None:
    """As by a worker that was cancelled: the job is queued, some minutes ago, and its place gone."""
    await admin.execute("delete from jobs.pgqueuer where dedupe_key like '%' || $1", str(job_id))
    await admin.execute("alter table jobs disable trigger count_version")
    await admin.execute(
        "update jobs set updated_at = updated_at - interval '6 minutes' where id = $1", job_id
    )
    await admin.execute("alter table jobs enable trigger count_version")


async def _is_queued(admin: asyncpg.Connection, job_id: UUID) -> bool:
    places = "select count(*) from jobs.pgqueuer where dedupe_key like '%' || $1"
    return bool(await admin.fetchval(places, str(job_id)))


async def test_the_clock_forgets_replies_of_yesterday_however_many(
    acme: Company, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.tasks.schedules.MOST", 2)
    dana = await acme.person("dispatcher")
    for key in ("yesterday 1", "yesterday 2", "yesterday 3", "today"):
        await dana.made("/api/v2/customers", {"name": key}, headers={"Idempotency-Key": key})
    admin = await asyncpg.connect(server.database.admin)
    await admin.execute(
        "update stored_replies set created_at = created_at - interval '25 hours'"
        " where key like 'key:yesterday %'"
    )
    await in_each(server.state.sessions, "sweep_replies", sweep_replies)
    keys = await admin.fetch("select key from stored_replies where org_id = $1", acme.id)
    assert [row["key"] for row in keys if "day" in row["key"]] == ["key:today"]
    await admin.close()


async def test_the_clock_forgets_jobs_that_were_done_long_ago(
    acme: Company, server: Server
) -> None:
    owner = await acme.person("owner")
    async with working(server.database, server.state.sessions, MISBEHAVING):
        old, new = await asked(acme, "test.greet"), await asked(acme, "test.greet")
        await ended(acme, old, "done")
        await ended(acme, new, "done")
    async with session_of(acme) as session:
        job = await session.get_one(Job, (acme.id, old))
        job.finished_at = clock.now() - timedelta(days=31)
    await in_each(server.state.sessions, "sweep_jobs", sweep_jobs)
    assert (await owner.get(f"/api/v2/jobs/{old}")).status_code == 404
    assert (await owner.get(f"/api/v2/jobs/{new}")).status_code == 200


async def test_the_clock_queues_again_what_fell_out_of_the_queue(
    acme: Company, server: Server
) -> None:
    job_id = await asked(acme, "test.greet")
    admin = await asyncpg.connect(server.database.admin)
    await fall_out_of_the_queue(admin, job_id)
    await in_each(server.state.sessions, "requeue_lost_jobs", requeue_lost_jobs)
    async with working(server.database, server.state.sessions, MISBEHAVING):
        await ended(acme, job_id, "done")
    assert await greetings(acme, job_id) == 1
    await admin.close()


async def test_the_schema_is_the_installed_queues_own_without_its_trigger(server: Server) -> None:
    connection = await asyncpg.connect(server.database.owner)
    plan = await queue.queries(connection).plan_upgrade()
    await connection.close()
    trigger = target(queue.SETTINGS).triggers[0].name
    assert [one for one in plan.statements if trigger not in one and "FUNCTION" not in one] == []
