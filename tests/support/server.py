"""The real HTTP server on a free port, in this process's loop, on one test database."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from app.config import Environment, Settings
from app.core.crypto import Signer
from app.core.db import AfterCommit, Sessions, make_engine
from app.main import create_app
from app.process import State, make_tools
from app.serving import protocols
from tests.support.database import Database


@dataclass(frozen=True)
class Server:
    url: str
    app: FastAPI
    state: State
    database: Database


def settings_for(database: Database, **other: Any) -> Settings:
    """Settings for one test process: limits that a suite in a hurry does not meet."""
    return Settings(
        environment=Environment.test,
        data=Path(".data"),
        database_url=database.app,
        **{"rate_limits_times": 100, **other},
    )


_FIRST: dict[str, AsyncEngine] = {}


def _knowing(engine: AsyncEngine) -> AsyncEngine:
    """The engine, with what the first one of this process has compiled and learned of PostgreSQL.

    Each module has a database and so an engine of its own, and the statements are the same in all.
    """
    first, this = _FIRST.setdefault("engine", engine).sync_engine, engine.sync_engine
    if not hasattr(
        first.dialect, "default_isolation_level"
    ):  # it has not connected: it knows nothing
        _FIRST["engine"] = engine
        return engine
    this.dialect = this.pool._dialect = first.dialect
    this._compiled_cache = first._compiled_cache
    return engine


def a_state(
    database: Database,
    *,
    pool_size: int = 10,
    after_commit: AfterCommit | None = None,
    **settings: Any,
) -> State:
    """A process's state on a test database."""
    engine = _knowing(make_engine(database.app, pool_size=pool_size))
    set_so = settings_for(database, **settings)
    tools = make_tools(set_so, "test", engine)
    sessions = Sessions(engine, after_commit=after_commit, tools=tools)
    return State(set_so, engine, sessions, Signer("test", "cursor"))


@asynccontextmanager
async def serving(
    database: Database, *, pool_size: int = 10, **settings: Any
) -> AsyncIterator[Server]:
    """The application under uvicorn until the block ends."""
    state = a_state(database, pool_size=pool_size, **settings)
    app = create_app(state)
    listener = socket.socket(proto=socket.IPPROTO_TCP)  # named, or asyncio leaves Nagle on
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        proxy_headers=False,
        **(protocols() | {"ws": "none"}),
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        if task.done():
            task.result()
        await asyncio.sleep(0.01)
    try:
        yield Server(f"http://127.0.0.1:{listener.getsockname()[1]}", app, state, database)
    finally:
        server.should_exit = True
        await task
        await state.engine.dispose()
