"""Reading a list without a request: page by page, by the route of the list itself.

What the list's address answers to whoever asks is what this gives, in a transaction that is already
theirs: the same filters, the same scope, the same hidden fields, the same refusals.
"""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import Depends, FastAPI, Request

from app.api.edge import Edge
from app.api.listed import known_lists, route_of
from app.api.outputs import viewing
from app.api.strict import StrictRequest
from app.api.tables import PREFIX, columns_shown
from app.services.context import Ctx
from app.services.exports import Read
from app.services.finding import list_called


class ListReader:
    """Reads the lists of one application (`services.exports.ReadList`)."""

    def __init__(self, app: FastAPI) -> None:
        """`app` is only looked at."""
        self._app = app

    async def __call__(
        self,
        ctx: Ctx,
        name: str,
        asked: Mapping[str, str],
        *,
        cursor: str | None = None,
        total: bool = False,
        limit: int = 200,
    ) -> Read:
        """A page of the list `name`. Raises what the list refuses."""
        listed = list_called(known_lists(self._app), name)
        if listed.permission is not None:
            ctx.require(listed.permission)
        query = {**asked, "limit": str(limit)}
        if total:
            query["include_total"] = "true"
        if cursor is not None:
            query["cursor"] = cursor
        request, body = await self._answer(ctx, name, query)
        page = orjson.loads(body)
        chosen = getattr(request.state, "columns", None)
        columns = columns_shown(listed.row, page["data"], chosen)
        return Read(page["data"], page["next_cursor"], page["total"], columns)

    async def _answer(self, ctx: Ctx, name: str, query: Mapping[str, str]) -> tuple[Request, bytes]:
        route = route_of(self._app, name)
        assert isinstance(route, Edge)
        assert route.inner is not None
        async with AsyncExitStack() as inner, AsyncExitStack() as function:
            scope: dict[str, Any] = {
                "type": "http",
                "method": "GET",
                "path": f"{PREFIX}{name}",
                "path_params": {},
                "query_string": urlencode(query).encode(),
                "headers": [],
                "app": self._app,
                "state": {"ctx": ctx},
                "fastapi_middleware_astack": function,
                "fastapi_inner_astack": inner,
                "fastapi_function_astack": function,
            }
            request = StrictRequest(scope, _nothing)
            with viewing(ctx):
                reply = await route.inner(request)
        return request, bytes(reply.body)


async def _nothing() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


def _here(request: Request) -> ListReader:
    return ListReader(request.app)


Reader = Annotated[ListReader, Depends(_here)]
