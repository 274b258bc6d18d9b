"""Builds the FastAPI application: state, middleware, routers, error handlers.

`create_app` takes what it needs and starts nothing of its own, so tests and the command line build
the same application.
"""

from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from starlette_compress import CompressMiddleware

from app import __version__
from app.api import dispatch, problems
from app.api.limits import admit_socket
from app.api.middleware import BodyLimit, Outermost
from app.api.openapi import describe
from app.api.public import health, outbox, pages, web
from app.api.v2 import ROUTERS
from app.api.v2.stories import READ_WITH
from app.config import Settings
from app.core.crypto import Signer
from app.core.db import Sessions, make_engine
from app.process import State
from app.realtime import talking, topics


def create_app(state: State) -> FastAPI:
    """The application for one process."""
    app = FastAPI(
        title="Truckroll API",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,
    )
    app.state.truckroll = state
    problems.install(app)
    dispatch.install(
        app,
        (
            *ROUTERS,
            health.router,
            pages.router,
            web.router,
            *((outbox.router,) if state.settings.shows_outbox else ()),
        ),
    )
    app.router.default = web.answering(app.router.default, state.settings)
    _talk(app, state)
    app.add_middleware(CompressMiddleware, minimum_size=500)
    app.add_middleware(BodyLimit, files=state.settings.upload_megabytes * 1024 * 1024)
    settings = state.settings
    secure = (settings.public_url or "").startswith("https:")
    app.add_middleware(Outermost, trusted_proxies=settings.trusted_proxies, secure=secure)
    original = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            describe(original(), app.routes)
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    return app


def _talk(app: FastAPI, state: State) -> None:
    """The one address where a WebSocket is answered."""
    state.hub.kinds = topics.kinds_of(READ_WITH)

    async def live(socket: WebSocket) -> None:
        """What changes, as it changes (`docs/realtime.md`)."""
        origins = state.settings.allowed_origins
        admit = partial(admit_socket, state, socket)
        await talking.talk(state.hub, origins, admit, socket.scope, socket.receive, socket.send)

    app.router.routes.append(WebSocketRoute(talking.PATH, live))


def document() -> dict[str, Any]:
    """The OpenAPI document, without a running server or a database."""
    engine = make_engine("postgresql://nobody@127.0.0.1/none")
    return create_app(State(Settings(), engine, Sessions(engine), Signer("", "cursor"))).openapi()
