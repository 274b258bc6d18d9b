"""`/api/v2/search`: one box that finds customers, contacts, sites, work orders, invoices and technicians."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.deps import allowed
from app.api.edge import Edge
from app.api.outputs import Out
from app.api.problems import answers
from app.models.permissions import Permission
from app.services import search
from app.services.context import Ctx

router = APIRouter(
    prefix="/api/v2/search", tags=["search"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.search_read)]
Entity = Literal["customer", "contact", "site", "equipment", "work_order", "invoice", "technician"]


class SearchQuery(BaseModel):
    """What to look for."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(
        min_length=1,
        max_length=200,
        description="A name, an address, a number, or three digits and more of a phone.",
        examples=["555-0142"],
    )
    types: list[Entity] | None = Field(None, max_length=20, description="Only these.")
    limit: int = Field(20, ge=1, le=200)


class HitOut(Out):
    """A record that matches."""

    entity: Entity
    id: UUID
    title: str
    subtitle: str


class HitsOut(Out):
    data: list[HitOut]


@router.get("", operation_id="search", summary="Find anything", responses=answers(400, 422))
async def find(ctx: Reader, query: Annotated[SearchQuery, Query()]) -> HitsOut:
    """The best matches of what you may read, the best first."""
    types = set(map(str, query.types)) if query.types else None
    found = await search.search(ctx, query.q, types=types, limit=query.limit)
    return HitsOut(data=[HitOut.model_validate(one) for one in found])
