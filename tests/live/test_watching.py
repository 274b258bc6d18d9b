"""One request's id, found again in everything that it caused; and what operations is shown of a process."""

import asyncio
import io
import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
import sentry_sdk
import structlog
from prometheus_client import REGISTRY
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from app.core import clock, telemetry
from app.core.lost import answers
from app.core.telemetry import set_up_sentry
from app.integrations.roads import RoadService
from app.integrations.roads_twin import RoadsTwin
from app.services.tracking.pings import Refused
from app.tasks import vitals
from app.tasks.definitions import DEFINITIONS, WITHOUT_ORGANISATION
from app.tasks.vitals import Vitals
from tests.support.jobs import working
from tests.support.live import listening
from tests.support.map_services import a_map_service
from tests.support.people import Company
from tests.support.post import Sink, an_smtp_server, wake_the_queue, with_post
from tests.support.roads import place
from tests.support.server import Server
from tests.support.tracking import ago, at_work, ping, told
from tests.support.waiting import until
from tests.test_visits import a_job

CALL = "office/2026-11-21:4711"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the product writes, as JSON."""
    root = logging.getLogger()
    before, configured = (root.handlers[:], root.level), structlog.get_config()
    written = io.StringIO()
    monkeypatch.setattr(telemetry.sys, "stderr", written)
    telemetry.set_up_logs("json")
    yield written
    root.handlers[:], root.level = before
    structlog.configure(**configured)


def shown(name: str, **labels: str) -> float:
    """What a metric says now."""
    return REGISTRY.get_sample_value(name, labels) or 0


async def test_one_id_is_found_in_reply_journal_frame_job_log_and_mail(
    acme: Company, server: Server, log: io.StringIO
) -> None:
    job = await a_job(acme)
    customer = f"/api/v2/customers/{job.work.customer['id']}"
    version = (await job.dana.got(customer))["version"]
    await job.dana.patched(customer, version, {"email": "ann@example.com"})
    visit = await job.visit()
    window = {
        "window_start": job.nine.isoformat(),
        "window_end": (job.nine + timedelta(hours=2)).isoformat(),
        "told_via": "email",
        "notify": True,
    }
    path = f"/api/v2/visits/{visit['id']}"
    async with listening(job.dana, f"work_order:{visit['work_order_id']}") as live:
        reply = await job.dana.post(f"{path}/promise", json=window, headers={"X-Request-ID": CALL})
        assert (reply.status_code, reply.headers["X-Request-ID"]) == (200, CALL), reply.text
        assert (await live.fact("visit.promised"))["request_id"] == CALL
    told_of = (await job.dana.got(f"{path}/history"))["data"][0]
    assert told_of["request_id"] == CALL

    olga = await acme.person("owner")
    asked = json.dumps({"field": "request_id", "op": "eq", "value": CALL})
    (made,) = (await olga.got("/api/v2/jobs", filter=asked))["data"]
    assert made["kind"] == "mail.send"
    await wake_the_queue(server)  # it waits for second thoughts
    async with an_smtp_server() as (sink, post), working(server.database, with_post(server, post)):
        await until(lambda: _done(olga, made["id"]))
    assert [mail["X-Request-ID"] for mail in sink.mails] == [CALL]
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    (ended,) = [one for one in lines if one.get("job_id") == made["id"]]
    assert (ended["event"], ended["outcome"], ended["request_id"]) == ("job ended", "done", CALL)
    # what the job itself changed says who asked for it
    admin = await asyncpg.connect(server.database.admin)
    entries = await admin.fetch(
        "select j.request_id, j.source from journal j join mails m on m.id = j.entity_id"
        " where m.about_id = $1 order by j.id",
        visit["id"],
    )
    await admin.close()
    assert [one["request_id"] for one in entries] == [CALL] * len(entries)
    assert {one["source"] for one in entries} == {"api", "job"}


async def test_a_letter_to_whoever_has_forgotten_a_password_names_the_request_too(
    acme: Company, server: Server, log: io.StringIO
) -> None:
    """It is sent before anybody is known to be of an organisation."""
    owner = await acme.person("owner")
    email = (await owner.got("/api/v2/me"))["user"]["email"]
    reply = await owner.post(
        "/api/v2/auth/password/forgot",
        json={"email": email},
        headers={"X-Request-ID": "forgot-1", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"},
    )
    assert reply.status_code < 300, reply.text
    async with an_smtp_server() as (sink, post), working(server.database, with_post(server, post)):
        await until(lambda: _arrived(sink))
    assert [mail["X-Request-ID"] for mail in sink.mails] == ["forgot-1"]
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    ended = [one for one in lines if one["event"] == "job ended" and one["job"] == "letter.send"]
    assert [(one["request_id"], one["trace_id"]) for one in ended] == [("forgot-1", TRACE)]


async def _arrived(sink: Sink) -> bool:
    return bool(sink.mails)


async def _done(person: Any, job_id: str) -> bool:
    return bool((await person.got(f"/api/v2/jobs/{job_id}"))["status"] == "done")


async def test_the_first_job_that_dies_is_a_step_from_none_to_one(server: Server) -> None:
    """`increase()` sees nothing where a series begins with its first death."""

    async def counted() -> bool:
        kinds = (*DEFINITIONS, *WITHOUT_ORGANISATION)
        return all(
            REGISTRY.get_sample_value("truckroll_jobs_total", {"kind": kind, "outcome": "dead"})
            is not None
            for kind in kinds
        )

    async with working(server.database, server.state.sessions):
        await until(counted)


class Kept(Transport):
    """Holds what would have been sent."""

    def __init__(self) -> None:
        super().__init__()
        self.transactions: list[Any] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        if (found := envelope.get_transaction_event()) is not None:
            self.transactions.append(found)


async def test_a_job_is_a_part_of_the_trace_of_whoever_asked_for_it(
    acme: Company, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept()
    init = sentry_sdk.init
    monkeypatch.setattr(sentry_sdk, "init", lambda **given: init(transport=kept, **given))
    owner = await acme.person("owner")
    set_up_sentry("http://key@127.0.0.1:9/1", "test", 100)
    try:
        body = {"email": "tracy@example.com", "name": "Tracy", "role": "viewer"}
        sent = await owner.post("/api/v2/invitations", json=body, headers={"X-Request-ID": CALL})
        assert sent.status_code == 201, sent.text
        async with working(server.database, server.state.sessions):
            await until(lambda: _traced(kept, "mail.send"))
    finally:
        sentry_sdk.get_global_scope().set_client(None)
    (done,) = [one for one in kept.transactions if one["transaction"] == "mail.send"]
    (asked,) = [one for one in kept.transactions if "invitations" in one["transaction"]]
    assert done["tags"]["request_id"] == asked["tags"]["request_id"] == CALL
    assert done["contexts"]["trace"]["trace_id"] == asked["contexts"]["trace"]["trace_id"]
    assert done["contexts"]["trace"]["op"] == "queue.process"
    assert "tracy" not in json.dumps(kept.transactions, default=str)


async def _traced(kept: Kept, name: str) -> bool:
    return any(one["transaction"] == name for one in kept.transactions)


@pytest.mark.parametrize(
    "wrong",
    [
        "", "00", f"00-{TRACE}-00f067aa0ba902b7", f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE.upper()}-00f067aa0ba902b7-01", f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-00f067aa0ba902b7-01\n", f"ff-{TRACE}-00f067aa0ba902b7-01",
    ],
)  # fmt: skip
def test_a_trace_that_is_none_is_not_followed(wrong: str) -> None:
    assert telemetry.trace_of(wrong) == {}


def test_our_jobs_are_told_the_trace_and_a_span_of_our_own() -> None:
    assert telemetry.passed_on() == {}
    trace = telemetry.trace_of(f"00-{TRACE}-00f067aa0ba902b7-01")
    with structlog.contextvars.bound_contextvars(request_id=CALL, **trace):
        headers = telemetry.passed_on()
    assert set(headers) == {"traceparent"}
    version, trace_id, span, flags = headers["traceparent"].split("-")
    assert (version, trace_id, flags) == ("00", TRACE, "01")
    assert span != "00f067aa0ba902b7"
    assert telemetry.trace_of(headers["traceparent"]) == trace


async def test_a_map_service_is_told_an_id_of_the_call_alone(log: io.StringIO) -> None:
    twin = RoadsTwin()
    trace = telemetry.trace_of(f"00-{TRACE}-00f067aa0ba902b7-01")
    told: list[dict[str, str]] = []
    with (
        structlog.contextvars.bound_contextvars(request_id=CALL, **trace),
        a_map_service(twin, told) as url,
    ):
        await RoadService("osrm", url=url).table([place(0, 0)], [place(3_000, 0)], None)
    [headers] = told
    assert not [one for one in headers.values() if CALL in one or TRACE in one]
    assert "traceparent" not in headers
    [line] = [json.loads(one) for one in log.getvalue().splitlines() if "map service" in one]
    assert (line["call"], line["request_id"]) == (headers["x-request-id"], CALL)


async def test_vitals_show_what_waits_and_what_is_behind(acme: Company, server: Server) -> None:
    owner = await acme.person("owner")
    looks = Vitals(server.state, server.database.relay, every=0.3)
    body = {"email": "vital@example.com", "name": "Vi", "role": "viewer"}
    await owner.made("/api/v2/invitations", body)
    with clock.set_to(clock.now() + timedelta(minutes=20)):
        await looks.look()
        assert shown("truckroll_jobs_waiting") >= 1
        assert 1_100 < shown("truckroll_jobs_oldest_seconds") < 1_300
    stop = asyncio.Event()
    looking = asyncio.create_task(looks.run(stop))
    async with listening(owner, "me"), working(server.database, server.state.sessions):
        await until(lambda: _nothing_waits())
        await until(lambda: _is_one("truckroll_database_reachable"))
        assert shown("truckroll_journal_unnumbered_seconds") < 5
        assert shown("truckroll_hub_behind_entries") < 100
        assert shown("truckroll_database_connections", pool="sessions", state="most") == 10
    stop.set()
    await looking
    assert shown("truckroll_loop_lag_seconds_count") >= 1
    assert shown("truckroll_job_seconds_count", kind="mail.send") >= 1


async def _nothing_waits() -> bool:
    return shown("truckroll_jobs_waiting") == 0


async def _is_one(name: str) -> bool:
    return shown(name) == 1


async def test_positions_are_counted_by_what_became_of_them(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    hers = await at_work(acme, "Vita Ode")
    before = {
        one: shown("truckroll_pings_total", outcome=one)
        for one in ("kept", "known", Refused.inaccurate)
    }
    good = ping(ago(3), 33.45, -112.07)
    await told(dana, hers, [good, good, ping(ago(2), 33.45, -112.07, accuracy_m=900)])
    after = {one: shown("truckroll_pings_total", outcome=one) - was for one, was in before.items()}
    assert after == {"kept": 1, "known": 1, "inaccurate": 1}


async def test_a_full_pool_is_no_database_that_is_away(server: Server) -> None:
    """Two alerts: one of them pages for PostgreSQL."""
    looks = Vitals(server.state, server.database.relay)
    failed = ("truckroll_vitals_failures_total", {"look": "jobs"})
    before = shown(failed[0], **failed[1])
    async with AsyncExitStack() as stack:
        for _ in range(server.state.settings.pool_size):
            await stack.enter_async_context(server.state.engine.connect())
        await looks.look()
        most = shown("truckroll_database_connections", pool="sessions", state="most")
        assert shown("truckroll_database_connections", pool="sessions", state="in_use") == most
        assert shown("truckroll_database_reachable") == 1
        assert shown(failed[0], **failed[1]) == before + 1
    await looks.look()
    assert shown(failed[0], **failed[1]) == before + 1


async def test_a_database_that_is_away_is_told_and_what_else_fails_keeps_nobody_from_the_rest(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stumbles(engine: Any) -> tuple[int, float]:
        raise RuntimeError("nobody foresaw it")

    monkeypatch.setattr(vitals.queue, "waiting", stumbles)
    names = ("jobs", "journal")
    before = [shown("truckroll_vitals_failures_total", look=name) for name in names]
    stop = asyncio.Event()
    nowhere = "postgresql://truckroll_relay@127.0.0.1:9/none"
    looking = asyncio.create_task(Vitals(server.state, nowhere, every=0.05).run(stop))
    async with asyncio.timeout(10):
        while shown("truckroll_vitals_failures_total", look="journal") < before[1] + 3:
            await asyncio.sleep(0.02)
    assert shown("truckroll_vitals_failures_total", look="jobs") >= before[0] + 3
    assert shown("truckroll_database_reachable") == 1
    stop.set()
    await looking
    assert not await answers("postgresql://nobody@127.0.0.1:9/none")


async def test_a_blocked_loop_is_seen_while_it_is_and_afterwards(server: Server) -> None:
    """Whatever else is looked at meanwhile."""
    late = ("truckroll_loop_lag_seconds_bucket", {"le": "1.0"})
    before = (shown("truckroll_loop_lag_seconds_count"), shown(late[0], **late[1]))
    stop = asyncio.Event()
    looking = asyncio.create_task(Vitals(server.state, None, every=3600).run(stop))
    await asyncio.sleep(0.6)
    seen: list[float] = []
    beside = threading.Timer(1.4, lambda: seen.append(shown("truckroll_loop_silent_seconds")))
    beside.start()
    time.sleep(1.6)  # noqa: ASYNC251 - what must not be
    beside.join()
    await asyncio.sleep(0.6)
    stop.set()
    await looking
    assert 0.8 < seen[0] < 3
    all_of_them = shown("truckroll_loop_lag_seconds_count") - before[0]
    assert all_of_them - (shown(late[0], **late[1]) - before[1]) >= 1
    assert shown("truckroll_loop_silent_seconds") == 0
