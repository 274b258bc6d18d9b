"""The bare limit: the same bytes through FastAPI and asyncpg, without sign-in, walls or journal.

It asks plain copies of the tables (schema `bare`, no row-level security, no triggers) on the same
kind of pool as hot reads, with the same functions that write JSON. Whatever Truckroll costs beyond
it is the price of what Truckroll adds. The whole route table is loaded behind its own routes.

A create is there twice: `/customers` inserts in a transaction of its own and writes what it returned,
knowing that nobody has contacts or tags yet; `/alike/customers` also writes the search row, finds out
whom the name resembles and reads the record back, as Truckroll does.
"""

import base64
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import uvicorn
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

from app.api.outputs import rfc3339
from app.core.contacts import person_sort_name
from app.core.hot import make_pool
from app.core.ids import new_id
from app.main import create_app
from app.models.permissions import Permission
from app.process import State
from app.services.search import SEARCHED, digits_of, words_of
from bench.rows import TABLES

RIGHTS = [one.value for one in Permission]
ENTITIES = list(SEARCHED)
ONE = "select bare.work_orders_json($1, array[$2::uuid], $3, null)"
LIST = """
select bare.work_orders_json($1, p.ids[1:50], $3, null) as body, cardinality(p.ids) > 50 as more,
       p.places[50] as place, p.ids[50] as id
  from (select array_agg(w.id) as ids, array_agg(w.created_at) as places
          from (select id, created_at from bare.work_orders
                 where org_id = $1 and status = $2 and deleted_at is null
                 order by created_at desc, id desc limit 51) w) p
"""
FIND = "select bare.hits_json($1, $2, $3, null, $4)"
INSERT = """
insert into bare.customers (org_id, id, kind, stage, name, sort_name, tax_exempt, billing_street,
                            billing_city, billing_region, billing_postal_code, email, phone)
values ($1, $2, 'person', 'active', $3::text, $4::text, false, $5, $6, $7, $8, $9, $10)
returning id, version, created_at, updated_at, kind, stage, name, email, phone, second_phone,
          billing_street, billing_city, billing_region, billing_postal_code, payment_terms_days,
          tax_exempt, source, notes, external_key, parent_id, deleted_at
"""
CREATE = """
with made as (
  insert into bare.customers (org_id, id, kind, stage, name, sort_name, tax_exempt)
  values ($1, gen_random_uuid(), 'person', 'active', $2::text, $3::text, false)
  returning org_id, id, name),
written as (
  insert into bare.search_documents (org_id, entity_id, entity, title, subtitle, words, digits)
  select org_id, id, 'customer', name, '', system.fold(name), '' from made)
select id from made
"""
MADE = """
select bare.customers_json($1, array[$2::uuid], $3) as body,
       array(select r.entity_id from bare.resembling($4, 100) r where r.entity_id <> $2) as resembled
"""
STILL = """
select json_agg(json_build_object('number', n, 'name', md5(n::text)))::text from generate_series(1, 100) n
"""
FUNCTIONS = ("work_orders_json", "customers_json", "find", "hits_json", "resembling")


async def copy(connection: asyncpg.Connection, org: UUID, role: str) -> None:
    """The organisation's rows and the functions that write JSON, without walls."""
    await connection.execute("create schema bare")
    for table in TABLES:
        columns = await connection.fetchval(
            "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute"
            " where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''",
            f"public.{table}",
        )
        await connection.execute(f"create table bare.{table} (like public.{table} including all)")
        await connection.execute(
            f"insert into bare.{table} ({columns}) select {columns} from public.{table}"  # noqa: S608
            " where org_id = $1",
            org,
        )
    for name in FUNCTIONS:
        source = await connection.fetchval(
            "select pg_get_functiondef(oid) from pg_proc where proname = $1"
            " and pronamespace = 'system'::regnamespace",
            name,
        )
        source = re.sub(rf"public\.({'|'.join(TABLES)})\b", r"bare.\1", source)
        source = re.sub(rf"system\.({'|'.join(FUNCTIONS)})\b", r"bare.\1", source)
        source = source.replace("SECURITY DEFINER", "")
        source = source.replace("pg_catalog.current_setting('app.org_id')::uuid", f"'{org}'::uuid")
        await connection.execute(source)
    await connection.execute(f"grant usage on schema bare to {role}")
    await connection.execute(f"grant all on all tables in schema bare to {role}")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.org = UUID(os.environ["BARE_ORG"])
    app.state.pool = await make_pool(os.environ["BARE_URL"], 8)
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=lifespan)


def answer(body: str | bytes, status: int = 200) -> Response:
    return Response(body, status, media_type="application/json")


@app.get("/work-orders")
async def many(request: Request, status: str, limit: int, sort: str) -> Response:
    state = request.app.state
    row = await state.pool.fetchrow(LIST, state.org, status, RIGHTS)
    following = "null"
    if row["more"]:
        mark = base64.urlsafe_b64encode(f"{row['place']}|{row['id']}".encode())
        following = f'"{mark.decode()}"'
    return answer(f'{{"data":[{row["body"]}],"next_cursor":{following},"total":null}}')


@app.get("/work-orders/{id}")
async def one(request: Request, id: UUID) -> Response:
    state = request.app.state
    return answer(await state.pool.fetchval(ONE, state.org, id, RIGHTS))


@app.get("/still")
async def still(request: Request) -> Response:
    """A reply that no table has a part in."""
    return answer(await request.app.state.pool.fetchval(STILL))


@app.get("/search")
async def search(request: Request, q: str, limit: int = 20) -> Response:
    found = await request.app.state.pool.fetchval(FIND, words_of(q), digits_of(q), ENTITIES, limit)
    return answer(f'{{"data":[{found or ""}]}}')


class Draft(BaseModel):
    name: str
    email: str | None = None
    phone: str | None = None
    billing_street: str | None = None
    billing_city: str | None = None
    billing_region: str | None = None
    billing_postal_code: str | None = None


def _text(value: Any) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)


@app.post("/customers", status_code=201)
async def insert(request: Request, draft: Draft) -> Response:
    state = request.app.state
    row = await state.pool.fetchrow(
        INSERT,
        state.org,
        new_id(),
        draft.name,
        person_sort_name(draft.name),
        draft.billing_street,
        draft.billing_city,
        draft.billing_region,
        draft.billing_postal_code,
        draft.email,
        draft.phone,
    )
    *fields, (_, deleted_at) = row.items()
    nothing = {"contacts": [], "tags": [], "banners": [], "deleted_at": deleted_at}
    made = {**dict(fields), **nothing, "possible_duplicates": []}
    return answer(orjson.dumps(made, _text, orjson.OPT_PASSTHROUGH_DATETIME), 201)


@app.post("/alike/customers", status_code=201)
async def create(request: Request, draft: Draft) -> Response:
    state = request.app.state
    folded = person_sort_name(draft.name)
    id = await state.pool.fetchval(CREATE, state.org, draft.name, folded)
    row = await state.pool.fetchrow(MADE, state.org, id, RIGHTS, folded)
    resembled = orjson.dumps([{"id": str(one)} for one in row["resembled"]]).decode()
    return answer(f'{row["body"][:-1]},"possible_duplicates":{resembled}}}', 201)


def whole_table(state: State) -> None:
    """Load the whole route table, as the measured server has it."""
    app.router.routes.extend(create_app(state).routes)


def serve(port: int) -> Any:
    from app.config import Settings
    from app.core.crypto import Signer
    from app.core.db import Sessions, make_engine

    engine = make_engine(os.environ["BARE_URL"])
    whole_table(State(Settings(), engine, Sessions(engine), Signer("", "cursor")))
    uvicorn.run(app, port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
