"""Structured logs with a request id in every line; metrics; Sentry and its traces when a DSN is set.

What each metric means and when it should wake somebody is in `docs/operations/alerts.md`. Logs hold ids and
codes, never bodies, tokens or names. Control characters are escaped, so that nobody can write a line of ours.
"""

import logging
import re
import secrets
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

import sentry_sdk
import structlog
from prometheus_client import Counter, Gauge, Histogram
from sentry_sdk.integrations.logging import LoggingIntegration

REQUESTS = Counter("truckroll_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "truckroll_request_seconds", "Time to answer a request, in seconds.", ["method", "route"]
)
JOBS = Counter("truckroll_jobs_total", "Attempts at jobs.", ["kind", "outcome"])
JOB_SECONDS = Histogram(
    "truckroll_job_seconds", "Time that an attempt at a job took, in seconds.", ["kind"],
    buckets=(0.01, 0.05, 0.25, 1, 5, 30, 120, 600),
)  # fmt: skip
JOBS_WAITING = Gauge("truckroll_jobs_waiting", "Jobs that are due and that no worker has taken.")
JOBS_OLDEST = Gauge(
    "truckroll_jobs_oldest_seconds", "For how long the oldest of them has been due, in seconds."
)
UNNUMBERED = Gauge(
    "truckroll_journal_unnumbered_seconds",
    "How old the oldest entry of the journal without a number is, in seconds.",
)
PINGS = Counter("truckroll_pings_total", "Positions that devices told.", ["outcome"])
CONNECTIONS = Gauge(
    "truckroll_database_connections", "Connections of this process.", ["pool", "state"]
)
REACHABLE = Gauge("truckroll_database_reachable", "1 while the database answers this process.")
LOOP_LAG = Histogram(
    "truckroll_loop_lag_seconds",
    "By how much the event loop was late, looked at four times a second, in seconds.",
    buckets=(0.01, 0.05, 0.25, 1, 2.5, 5, 15, 60),
)
LOOP_SILENT = Gauge(
    "truckroll_loop_silent_seconds", "For how long the event loop has not had its turn, now."
)
UNSEEN = Counter("truckroll_vitals_failures_total", "Looks at vitals that failed.", ["look"])
PROVIDERS = Counter(
    "truckroll_provider_calls_total", "Calls to what is not ours.", ["provider", "outcome"]
)
SOCKETS = Gauge("truckroll_sockets", "Sockets that are open.")
PAUSED = Gauge("truckroll_sockets_paused", "Sockets whose client takes less than it is sent.")
STRANGERS = Gauge("truckroll_sockets_strangers", "Sockets that have not said hello.")
BEHIND = Gauge(
    "truckroll_hub_behind_entries", "Numbered entries that the hub's slowest room has not told yet."
)
UNREADABLE = Counter(
    "truckroll_hub_unreadable_total", "What the hub heard from other processes and could not read."
)
RESYNCS = Counter("truckroll_socket_resyncs_total", "Times that a socket was told to read again.")
MESSAGES = Counter("truckroll_socket_messages_total", "Events and states written to sockets.")
CLOSED = Counter("truckroll_sockets_closed_total", "Sockets that we closed.", ["code"])
OFF: Any = {"mode": "off"}
NOTHING: Any = {
    "user_info": False,
    "cookies": OFF,
    "http_headers": {"request": OFF, "response": OFF},
    "http_bodies": [],
    "url_query_params": OFF,
    "graphql": {"document": False, "variables": False},
    "gen_ai": {"inputs": False, "outputs": False},
    "database_query_data": False,
    "queues": False,
    "stack_frame_variables": False,
}
"""What Sentry may collect of people: they are told of bugs, not of customers."""
SECRET_WORDS = ("authorization", "cookie", "password", "token", "secret", "csrf")


def _clean(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if any(word in key.lower() for word in SECRET_WORDS):
            event[key] = "[hidden]"
        elif isinstance(value, str):
            event[key] = _trace(value) if key == "exception" else _one_line(value)
    return event


def _one_line(text: str) -> str:
    return text if text.isprintable() else text.encode("unicode_escape").decode()


def _trace(text: str) -> str:
    """A trace keeps its lines, each marked, so that none can pass for a line of the log."""
    return "\n".join(f"    | {_one_line(line)}" for line in text.splitlines())


def set_up_logs(fmt: str, level: int = logging.INFO) -> None:
    """Send structlog and the standard library's loggers to standard error as `text` or `json`."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _clean,
    ]
    last: Any = (
        structlog.processors.JSONRenderer()
        if fmt == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # at DEBUG some of these write what they handle: rows, parts of forms
    for noisy in (
        "uvicorn.access", "uvicorn.error", "asyncio", "alembic", "sqlalchemy", "python_multipart",
        "httpx2", "httpcore2",
    ):  # fmt: skip
        logging.getLogger(noisy).setLevel(logging.WARNING)


def set_up_sentry(dsn: str | None, environment: str, traces: int = 0) -> None:
    """Report bugs to Sentry, and so many of a hundred traces; without a DSN nothing is started and
    nothing is paid.

    Local variables and bodies stay here: they hold passwords and what customers told us.
    """
    if dsn:
        sentry_sdk.init(
            dsn=dsn,
            environment=environment,
            traces_sample_rate=traces / 100,
            data_collection=NOTHING,
            trace_propagation_targets=[],  # nobody outside is told of our traces
            integrations=[LoggingIntegration(event_level=None)],  # a bug is reported once
        )


_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")
"""W3C Trace Context, level 1."""


def trace_of(traceparent: str) -> dict[str, str]:
    """What the log says of the caller's trace, by the header `traceparent`; nothing of a wrong one."""
    found = _TRACEPARENT.fullmatch(traceparent)
    return {"trace_id": found[1], "trace_flags": found[2]} if found else {}


def passed_on() -> dict[str, str]:
    """The header by which our own jobs go on with the caller's trace; nobody else is told of it."""
    known = structlog.contextvars.get_contextvars()
    if "trace_id" not in known:
        return {}
    span = secrets.token_hex(8)
    return {"traceparent": f"00-{known['trace_id']}-{span}-{known['trace_flags']}"}


def request_id() -> str:
    """Of the request, or of the job, that is being worked on; empty where it is neither."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def tell_request(request_id: str) -> None:
    """Have what is reported from here on carry the request's id."""
    if sentry_sdk.is_initialized():
        sentry_sdk.set_tag("request_id", request_id)


def trace_headers() -> dict[str, str]:
    """By which a job goes on with the trace of whoever asked for it; empty where nothing is traced."""
    traced_by_others = passed_on()
    if not sentry_sdk.is_initialized():
        return traced_by_others
    given = {"sentry-trace": sentry_sdk.get_traceparent(), "baggage": sentry_sdk.get_baggage()}
    return traced_by_others | {name: value for name, value in given.items() if value}


@contextmanager
def traced(kind: str, request_id: str, headers: Mapping[str, str]) -> Iterator[None]:
    """A job as a part of the trace of whoever asked for it."""
    if not sentry_sdk.is_initialized():
        yield
        return
    with sentry_sdk.isolation_scope() as scope:
        scope.set_tag("request_id", request_id)
        going_on = sentry_sdk.continue_trace(dict(headers), op="queue.process", name=kind)
        with sentry_sdk.start_transaction(going_on):
            yield
