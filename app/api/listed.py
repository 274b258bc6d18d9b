"""All lists of the API by name, read off the routes: what views and bulk actions may speak of."""

from collections.abc import Iterator
from functools import cache
from typing import Annotated, get_type_hints

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts

from app.api.edge import find_allow
from app.api.tables import PREFIX, columns_of, row_of
from app.core.listing import ListQuery
from app.services.finding import Listed


def lists_of(app: FastAPI) -> dict[str, Listed]:
    """The lists that stand for themselves, such as `work-orders`; not those below a record."""
    return {one.name: one for one in _lists(app)}


def _lists(app: FastAPI) -> Iterator[Listed]:
    return (one for one, _ in _found(app))


def _found(app: FastAPI) -> Iterator[tuple[Listed, APIRoute]]:
    for found in iter_route_contexts(app.routes):
        route, path = found.original_route, str(found.path)
        if not isinstance(route, APIRoute) or "GET" not in (found.methods or ()):
            continue
        row = row_of(route.response_model, route.dependant)
        name = path.removeprefix(PREFIX)
        if row is None or name == path or "/" in name:
            continue
        allow = find_allow(route.dependant)
        columns = tuple(one.heading for one in columns_of(row))
        permission = allow.permission if allow else None
        yield Listed(name, _query_of(route), columns, permission, row), route


def _query_of(route: APIRoute) -> type[ListQuery]:
    hints = get_type_hints(route.endpoint).values()
    return next(one for one in hints if isinstance(one, type) and issubclass(one, ListQuery))


@cache
def known_lists(app: FastAPI) -> dict[str, Listed]:
    """As `lists_of`, read off the routes once."""
    return lists_of(app)


@cache
def _routes(app: FastAPI) -> dict[str, APIRoute]:
    return {one.name: route for one, route in _found(app)}


def route_of(app: FastAPI, name: str) -> APIRoute:
    """The route of a list."""
    return _routes(app)[name]


def _here(request: Request) -> dict[str, Listed]:
    return known_lists(request.app)


AllLists = Annotated[dict[str, Listed], Depends(_here)]
