"""One process that serves the API, numbers the journal and works the jobs, until it is told to stop.

SIGINT and SIGTERM stop taking requests, let running ones end (ten seconds at most), then stop the
worker and the relay, and close the pools. A second signal does not wait.
"""

import asyncio
import gc
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import structlog
import uvicorn
from fastapi import FastAPI
from prometheus_client import start_http_server

from app.api.reading import ListReader
from app.api.wire import Wire
from app.config import Settings
from app.core.crypto import Signer
from app.core.db import Sessions, make_engine
from app.core.guard import refuse_wrong_role
from app.core.wake import Wake
from app.installation import Installation, NotReadyError, say
from app.main import create_app
from app.process import DemoSignIn, State, make_bus, make_tools
from app.realtime.bounds import Bounds
from app.realtime.line import Line
from app.services import exports
from app.tasks.definitions import DEFINITIONS
from app.tasks.exporting import exporting
from app.tasks.relay import Relay
from app.tasks.vitals import Vitals
from app.tasks.worker import Worker

log = structlog.get_logger()
GRACE = 10
"""Seconds that running requests may take to end."""
KEPT = 75
"""Seconds that a connection may idle: longer than clients and proxies keep theirs (5 and 60 are common), so whoever asks
ends it. Were it ended here, a request could be on its way at that moment, and nobody knows then whether it was done."""


def listen(settings: Settings) -> socket.socket:
    """The listening socket, bound before anything slow begins. Raises `NotReadyError` when taken."""
    listener = socket.socket(proto=socket.IPPROTO_TCP)  # named, or asyncio leaves Nagle on: 40 ms
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise NotReadyError(
            f"Port {settings.port} is taken by another program. Start with another --port."
        ) from error
    return listener


def serve_metrics(settings: Settings) -> None:
    """Metrics on loopback; a taken port costs the metrics, not the start."""
    if not settings.ops_port:
        return
    try:
        start_http_server(settings.ops_port, addr="127.0.0.1")
    except OSError:
        log.warning("metrics are off: their port is taken", port=settings.ops_port)


async def run(
    installation: Installation,
    listener: socket.socket | None,
    demo: Sequence[DemoSignIn],
    *,
    work: bool = True,
) -> None:
    """Serve on `listener` (None: only work) until a signal comes."""
    settings = installation.settings
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    bus = make_bus(settings)
    wake = Wake(installation.app_url, bus)
    engine = make_engine(installation.app_url, pool_size=settings.pool_size)
    state = State(
        settings,
        engine,
        Sessions(
            engine,
            after_commit=wake.poke,
            tools=make_tools(settings, installation.secret_key, engine),
        ),
        Signer(installation.secret_key, "cursor"),
        tuple(demo),
    )
    app = create_app(state)
    await refuse_wrong_role(engine)
    vitals = Vitals(state, installation.relay_url)
    running: list[Awaitable[None]] = [wake.run(stop), vitals.run(stop)]
    if work:
        if installation.relay_url is None:
            raise NotReadyError("Set DATABASE_RELAY_URL: without it the journal gets no numbers.")
        told = None if bus is None else wake.poke
        running.append(Relay(installation.relay_url, told=told).run(stop))
        worker = Worker(
            state.sessions,
            installation.app_url,
            definitions={**DEFINITIONS, exports.JOB: exporting(ListReader(app))},
            heartbeat=timedelta(seconds=settings.worker_heartbeat_seconds),
        )
        running.append(worker.run(stop))
    server = None
    if listener is not None:
        running.append(state.hub.run(stop))
        server = _Server(app, lambda: announce(installation, listener, demo))
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, _stopper(stop, server))
    serve_metrics(settings)
    gc.freeze()  # what is there now stays: nobody need look through it for garbage any more
    tasks = [asyncio.ensure_future(one) for one in running]
    serving: asyncio.Future[None] | None = None
    if server is not None and listener is not None:
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    else:
        say("working: taking jobs and numbering the journal")
    try:
        waiting = [serving] if serving else [asyncio.ensure_future(stop.wait())]
        await asyncio.wait([*waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        if server is not None and serving is not None:
            server.should_exit = True
            await serving
        results = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), GRACE)
        await engine.dispose()
    for result in results:
        if isinstance(result, Exception):
            raise result


def protocols(bounds: Bounds | None = None) -> dict[str, Any]:
    """What uvicorn is told of connections: our protocols, their bounds, no compression of sockets."""
    bounds = bounds or Bounds()
    return {
        "http": Wire,
        "timeout_keep_alive": KEPT,
        "ws": type("BoundedLine", (Line,), {"bounds": bounds}),
        "ws_max_size": bounds.message,
        "ws_per_message_deflate": False,
        "ws_ping_interval": bounds.heartbeat,
        "ws_ping_timeout": bounds.heartbeat,
    }


class _Server(uvicorn.Server):
    """uvicorn, telling when it listens and leaving signals to us: they stop more than it."""

    def __init__(self, app: FastAPI, on_started: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                proxy_headers=False,  # believed as far as TRUSTED_PROXIES says (api.middleware)
                timeout_graceful_shutdown=GRACE,
                **protocols(),
            )
        )
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._on_started()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _stopper(stop: asyncio.Event, server: uvicorn.Server | None) -> Callable[[], None]:
    def told() -> None:
        if server is not None:
            server.force_exit = stop.is_set()
            server.should_exit = True
        stop.set()

    return told


def announce(
    installation: Installation, listener: socket.socket, demo: Sequence[DemoSignIn]
) -> None:
    """Say where we are, and write `run.json` when there is a demo to sign in to."""
    settings = installation.settings
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    say(f"data in {settings.data.resolve()}")
    for one in demo:
        say(f"sign in  {one.org:<14} {one.role:<11} {one.email:<34} {one.password}")
    if demo:
        write_run_json(settings.data / "run.json", url, installation.app_url, demo)
    say(f"ready {url}")


def write_run_json(path: Path, url: str, database_url: str, demo: Sequence[DemoSignIn]) -> None:
    """What scripts read of a running demo; readable by its owner only."""
    content = orjson.dumps(
        {
            "url": url,
            "pid": os.getpid(),
            "database_url": database_url,
            "demo": [vars(one) for one in demo],
        },
        option=orjson.OPT_INDENT_2,
    )
    side = path.with_suffix(".new")
    side.unlink(missing_ok=True)
    with os.fdopen(os.open(side, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as written:
        written.write(content)
    side.rename(path)
