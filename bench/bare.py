"""The bare limit: the same rows through FastAPI and asyncpg, without sign-in, walls or journal.

It serves three routes over a plain copy of the customers' table. Whatever Truckroll costs beyond it
is the price of what Truckroll adds.
"""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import uvicorn
from fastapi import FastAPI, Request, Response

COLUMNS = (
    "id, version, created_at, updated_at, kind, stage, name, email, phone, second_phone,"
    " billing_street, billing_city, billing_region, billing_postal_code, payment_terms_days,"
    " tax_exempt, source, notes, external_key, parent_id, deleted_at"
)
LIST = f"select {COLUMNS} from bare_customers order by sort_name, id limit 50"  # noqa: S608
ONE = f"select {COLUMNS} from bare_customers where id = $1"  # noqa: S608
CREATE = (
    "insert into bare_customers (org_id, id, kind, stage, name, sort_name, tax_exempt)"  # noqa: S608
    f" values ($1, gen_random_uuid(), 'person', 'active', $2::text, lower($2::text), false) returning {COLUMNS}"
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async def nothing(_: Any) -> None:
        return None  # asyncpg's own reset would send four statements after each use

    app.state.pool = await asyncpg.create_pool(
        os.environ["BARE_URL"], min_size=8, max_size=8, reset=nothing
    )
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=lifespan)


def answer(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value, default=str), status, media_type="application/json")


@app.get("/customers")
async def many(request: Request) -> Response:
    rows = await request.app.state.pool.fetch(LIST)
    return answer({"data": [dict(row) for row in rows], "next_cursor": None, "total": None})


@app.get("/customers/{id}")
async def one(request: Request, id: UUID) -> Response:
    return answer(dict(await request.app.state.pool.fetchrow(ONE, id)))


@app.post("/customers", status_code=201)
async def create(request: Request) -> Response:
    body = orjson.loads(await request.body())
    org = UUID(os.environ["BARE_ORG"])
    return answer(dict(await request.app.state.pool.fetchrow(CREATE, org, body["name"])), 201)


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False)
