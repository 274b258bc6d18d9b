"""Structured logs with a request id in every line; metrics; Sentry when a DSN is set.

Logs hold ids and codes, never bodies, tokens or names. Control characters are escaped, so that
nobody can write a line of ours.
"""

import logging
import sys
from collections.abc import MutableMapping
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
PROVIDERS = Counter(
    "truckroll_provider_calls_total", "Calls to what is not ours.", ["provider", "outcome"]
)
SOCKETS = Gauge("truckroll_sockets", "Sockets that are open.")
MESSAGES = Counter("truckroll_socket_messages_total", "Events and states written to sockets.")
CLOSED = Counter("truckroll_sockets_closed_total", "Sockets that we closed.", ["code"])
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
    ):  # fmt: skip
        logging.getLogger(noisy).setLevel(logging.WARNING)


def set_up_sentry(dsn: str | None, environment: str) -> None:
    """Report bugs to Sentry; without a DSN nothing is started and nothing is paid.

    Local variables and bodies stay here: they hold passwords and what customers told us.
    """
    if dsn:
        sentry_sdk.init(
            dsn=dsn,
            environment=environment,
            send_default_pii=False,
            include_local_variables=False,
            max_request_body_size="never",
            integrations=[LoggingIntegration(event_level=None)],  # a bug is reported once
        )
