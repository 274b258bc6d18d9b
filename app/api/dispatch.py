"""Requests reach their router through a dictionary on the first path segments.

FastAPI tries one route after the other; with a few hundred that costs more than a whole read. Here
only the routes of one collection are tried in turn; what is not found so (another method, nothing
at all) goes the ordinary way, which knows how to answer it. An address that a route spells out, such
as `/customers/duplicates`, is never taken for the id of a record.
"""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from app.api.adding import Hot
from app.api.hot import hot_way

SEGMENTS = 3
"""`/api/v2/customers`."""


def install(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Give `app` the routes of `routers` and find them by prefix."""
    table: dict[str, list[BaseRoute]] = {}
    for router in routers:
        app.router.routes.extend(router.routes)
        if router.prefix:
            table.setdefault(router.prefix, []).extend(router.routes)
    spelled = {
        route.path: [one for one in routes if getattr(one, "path", None) == route.path]
        for routes in table.values()
        for route in routes
        if isinstance(route, Route) and "{" not in route.path
    }
    hot = {
        id(route): way
        for routes in table.values()
        for route in routes
        if (way := hot_way(route)) is not None
    }
    inner = app.router.middleware_stack
    app.router.middleware_stack = _dispatcher(app, table, spelled, hot, inner)  # type: ignore[assignment]


def _dispatcher(
    app: FastAPI,
    table: dict[str, list[BaseRoute]],
    spelled: dict[str, list[BaseRoute]],
    hot: dict[int, Hot],
    otherwise: Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]],
) -> Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]:
    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            prefix = "/".join(scope["path"].split("/", SEGMENTS + 1)[: SEGMENTS + 1])
            own = spelled.get(scope["path"])
            for route in table.get(prefix, ()) if own is None else own:
                match, found = route.matches(scope)
                if match is Match.FULL:
                    scope.setdefault("router", app.router)
                    scope["route"] = route
                    scope.update(found)
                    short = hot.get(id(route))
                    if short is None or not await short(scope, receive, send):
                        await route.handle(scope, receive, send)
                    return
            if own is not None:
                raise HTTPException(405)
        await otherwise(scope, receive, send)

    return dispatch
