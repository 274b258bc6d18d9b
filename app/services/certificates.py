"""Certificates: skills of technicians that are valid until a day, and have to be renewed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.core import clock
from app.models.skills import Skill, TechnicianSkill
from app.models.technicians import Technician
from app.services.context import Ctx

MOST = 500


async def expiring(ctx: Ctx, within_days: int) -> Sequence[Any]:
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
    return found.all()
