"""`/api/v2/organisation/first-steps` and `/api/v2/postal-codes`: what somebody who begins needs."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.deps import SignedIn, allowed
from app.api.edge import Edge
from app.api.outputs import Out
from app.api.problems import answers
from app.core.errors import NotFound
from app.models.permissions import Permission
from app.services import placing
from app.services.context import Ctx
from app.services.first_steps import first_steps
from app.services.inputs import Country

router = APIRouter(
    prefix="/api/v2", tags=["organisation"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.organisation_read)]


class FirstStepsOut(Out):
    """What is there already of that without which no visit can be promised; sample records do not
    count."""

    address: bool
    technician: bool
    job_type: bool
    arrival_windows: bool
    customer: bool
    promised: bool


class PlaceOut(Out):
    """Where a postal code is."""

    postal_code: str
    city: str
    region: str
    time_zone: str | None
    latitude: float | None
    longitude: float | None


@router.get(
    "/organisation/first-steps",
    operation_id="get_first_steps",
    summary="What an organisation that begins has already",
)
async def get_first_steps(ctx: Reader) -> FirstStepsOut:
    """Whether the address, somebody to send, a kind of work, windows to offer, a customer and a promise
    are there."""
    return FirstStepsOut.model_validate(await first_steps(ctx))


@router.get(
    "/postal-codes",
    operation_id="find_postal_code",
    summary="Where a postal code is",
    responses=answers(400, 404, 422),
)
async def find_postal_code(
    ctx: SignedIn,
    postal_code: Annotated[str, Query(min_length=1, max_length=20)],
    country: Annotated[Country, Query()] = "US",
) -> PlaceOut:
    """City, region, time zone and the middle of a postal code's area, for addresses that are typed."""
    place = await placing.find(postal_code, country)
    if place is None:
        raise NotFound(f"Nothing is known here of “{postal_code}”. Type the city yourself.")
    return PlaceOut.model_validate(place)
