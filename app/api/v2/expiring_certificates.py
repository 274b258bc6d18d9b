"""`/api/v2/expiring-certificates`: what technicians have to renew."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import select

from app.api.deps import allowed
from app.api.edge import Edge
from app.api.outputs import Out
from app.api.problems import answers
from app.core import clock
from app.models.permissions import Permission
from app.models.skills import Skill, TechnicianSkill
from app.models.technicians import Technician
from app.services.context import Ctx

router = APIRouter(
    prefix="/api/v2/expiring-certificates",
    tags=["technicians"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.technicians_read)]
MOST = 500


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
    today = clock.today((await ctx.organisation()).time_zone)
    found = await ctx.session.execute(
        select(
            TechnicianSkill.technician_id,
            Technician.name.label("technician"),
            TechnicianSkill.skill_id,
            Skill.name.label("skill"),
            TechnicianSkill.level,
            TechnicianSkill.expires_on,
            TechnicianSkill.certificate_number,
            TechnicianSkill.issuer,
        )
        .join(
            Technician,
            (Technician.org_id == TechnicianSkill.org_id)
            & (Technician.id == TechnicianSkill.technician_id),
        )
        .join(
            Skill, (Skill.org_id == TechnicianSkill.org_id) & (Skill.id == TechnicianSkill.skill_id)
        )
        .where(
            TechnicianSkill.expires_on <= today + timedelta(days=within_days),
            Technician.deleted_at.is_(None),
            Technician.active,
            Technician.visible_to(ctx),
        )
        .order_by(TechnicianSkill.expires_on, Technician.sort_name, TechnicianSkill.id)
        .limit(MOST)
    )
    return Expiring.model_validate({"data": found.all()})
