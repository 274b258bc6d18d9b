"""`/api/v2/expiring-certificates`: what technicians have to renew."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.api.deps import allowed
from app.api.edge import Edge
from app.api.outputs import Out
from app.api.problems import answers
from app.models.permissions import Permission
from app.services import certificates
from app.services.context import Ctx

router = APIRouter(
    prefix="/api/v2/expiring-certificates",
    tags=["technicians"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.technicians_read)]


class ExpiringOut(Out):
    """A skill of somebody that is valid until and including `expires_on`."""

    technician_id: UUID
    technician: str
    skill_id: UUID
    skill: str
    level: int
    expires_on: date
    certificate_number: str | None
    issuer: str | None


class Expiring(Out):
    data: list[ExpiringOut]


@router.get(
    "",
    operation_id="list_expiring_certificates",
    summary="Certificates that expire soon",
    responses=answers(422),
)
async def list_expiring_certificates(
    ctx: Reader,
    within_days: Annotated[int, Query(ge=0, le=3660, description="From today on.")] = 60,
) -> Expiring:
    """Skills of active technicians that expire within so many days, or have expired; the first to
    expire first."""
    return Expiring.model_validate({"data": await certificates.expiring(ctx, within_days)})
