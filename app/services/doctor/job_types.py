"""Job types that nobody can do, or that bill nothing."""

from datetime import time
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select

from app.models.branches import Branch
from app.models.job_types import JobType
from app.models.organisations import parse_working_hours
from app.models.permissions import Permission as P
from app.models.shifts import Shift
from app.models.skills import JobTypeSkill, Skill, TechnicianSkill
from app.models.technicians import Technician
from app.services.doctor.findings import (
    Asked,
    Finding,
    Fix,
    Found,
    Look,
    Named,
    Request,
    Severity,
    detector,
    hours_and_minutes,
    version,
)

WORKS = Technician.active & Technician.deleted_at.is_(None)


def _needs() -> Asked:
    """Job types with each skill they need."""
    return (
        select(
            JobType.id,
            JobType.name,
            Skill.id.label("skill_id"),
            Skill.name.label("skill"),
            JobTypeSkill.level,
        )
        .join(
            JobTypeSkill,
            (JobTypeSkill.org_id == JobType.org_id) & (JobTypeSkill.job_type_id == JobType.id),
        )
        .join(Skill, (Skill.org_id == JobTypeSkill.org_id) & (Skill.id == JobTypeSkill.skill_id))
        .where(JobType.deleted_at.is_(None))
        .order_by(JobType.name, Skill.name, JobType.id)
    )


def _held(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Somebody at work has the skill at its level."""
    return exists(
        select(TechnicianSkill.id)
        .join(
            Technician,
            (Technician.org_id == TechnicianSkill.org_id)
            & (Technician.id == TechnicianSkill.technician_id),
        )
        .where(
            TechnicianSkill.org_id == JobTypeSkill.org_id,
            TechnicianSkill.skill_id == JobTypeSkill.skill_id,
            TechnicianSkill.level >= JobTypeSkill.level,
            WORKS,
            *more,
        )
        .correlate(JobTypeSkill)
    )


def _of_need(row: Any) -> tuple[Named, ...]:
    return Named("job_type", row.id, row.name), Named("skill", row.skill_id, row.skill)


@detector(
    Severity.error,
    "A job type needs a skill that no active technician has at that level.",
    P.job_types_read,
    P.technicians_read,
)
async def skill_nobody_has(look: Look) -> Found:
    """Needs that nobody meets, expired or not."""

    def say(row: Any) -> Finding:
        return Finding(
            f"Job type “{row.name}” needs “{row.skill}” (level {row.level}), and nobody has it.",
            _of_need(row),
            Fix(
                f"Give “{row.skill}” at level {row.level} or higher to a technician who has learned"
                " it, or take it out of the job type."
            ),
        )

    return await look.each(_needs().where(~_held()), say)


@detector(
    Severity.error,
    "A job type needs a skill that everybody's certificate for has expired.",
    P.job_types_read,
    P.technicians_read,
)
async def skill_expired_for_all(look: Look) -> Found:
    """Needs that were met until the certificates ended."""
    today = look.today()
    valid = or_(TechnicianSkill.expires_on.is_(None), TechnicianSkill.expires_on >= today)

    def say(row: Any) -> Finding:
        return Finding(
            f"Job type “{row.name}” needs “{row.skill}” (level {row.level}), and the certificate of"
            " everybody who has it has expired.",
            _of_need(row),
            Fix(
                f"Renew “{row.skill}” of a technician, with the new day of expiry, or take it out of"
                " the job type."
            ),
        )

    return await look.each(_needs().where(_held(), ~_held(valid)), say)


@detector(
    Severity.error,
    "A job type needs more people than there are active technicians.",
    P.job_types_read,
    P.technicians_read,
)
async def crew_larger_than_staff(look: Look) -> Found:
    """Crew sizes that nobody can bring together."""
    staff = select(func.count()).select_from(Technician).where(WORKS).scalar_subquery()

    def say(row: Any) -> Finding:
        there = f"only {row.staff} are active" if row.staff else "nobody is active"
        return Finding(
            f"Job type “{row.name}” needs {row.crew_size} people, and {there}.",
            (Named("job_type", row.id, row.name),),
            Fix(
                "Let it need fewer people, or add technicians.",
                Request(
                    "PATCH",
                    f"/api/v2/job-types/{row.id}",
                    P.job_types_write,
                    {"crew_size": row.staff},
                    version(row.version),
                )
                if row.staff
                else None,
            ),
        )

    return await look.each(
        select(JobType.id, JobType.name, JobType.version, JobType.crew_size, staff.label("staff"))
        .where(JobType.deleted_at.is_(None), JobType.crew_size > staff)
        .order_by(JobType.name, JobType.id),
        say,
    )


@detector(
    Severity.warning,
    "A job type has neither a price nor price lines: its invoices begin empty.",
    P.job_types_read,
)
async def job_type_without_price(look: Look) -> Found:
    """Work that would be given away."""

    def say(row: Any) -> Finding:
        return Finding(
            f"Job type “{row.name}” has no price, so its invoices begin with nothing to pay.",
            (Named("job_type", row.id, row.name),),
            Fix("Give it a price, or price lines; 0 where it is free."),
        )

    return await look.each(
        select(JobType.id, JobType.name)
        .where(
            JobType.deleted_at.is_(None),
            JobType.unit_price.is_(None),
            func.jsonb_array_length(JobType.price_lines) == 0,
        )
        .order_by(JobType.name, JobType.id),
        say,
    )


@detector(
    Severity.warning,
    "A job type costs more than it is sold for.",
    P.job_types_read,
    P.prices_costs,
)
async def job_type_below_cost(look: Look) -> Found:
    """Work that loses money each time it is done. Only for whoever sees costs."""

    def say(row: Any) -> Finding:
        return Finding(
            f"Job type “{row.name}” costs {row.unit_cost.normalize():f} and is sold for"
            f" {row.unit_price.normalize():f}.",
            (Named("job_type", row.id, row.name),),
            Fix("Raise its price, or correct its cost."),
        )

    return await look.each(
        select(JobType.id, JobType.name, JobType.unit_cost, JobType.unit_price)
        .where(
            JobType.deleted_at.is_(None),
            JobType.unit_cost > JobType.unit_price,
            func.jsonb_array_length(JobType.price_lines) == 0,
        )
        .order_by(JobType.name, JobType.id),
        say,
    )


@detector(
    Severity.warning,
    "A job type takes longer than anybody's working day.",
    P.job_types_read,
    P.technicians_read,
)
async def job_type_longer_than_a_day(look: Look) -> Found:
    """Durations for which no slot is ever found in one day."""
    longest = await _longest_day(look)
    if longest is None:
        return Found()

    def say(row: Any) -> Finding:
        return Finding(
            f"Job type “{row.name}” takes {hours_and_minutes(row.duration_minutes)}, and nobody's"
            f" day is longer than {hours_and_minutes(longest)}.",
            (Named("job_type", row.id, row.name),),
            Fix("Correct its duration, or plan such work over several days."),
        )

    return await look.each(
        select(JobType.id, JobType.name, JobType.duration_minutes)
        .where(JobType.deleted_at.is_(None), JobType.duration_minutes > longest)
        .order_by(JobType.name, JobType.id),
        say,
    )


async def _longest_day(look: Look) -> int | None:
    """Minutes from the first to the last of the longest day that anybody works, with overtime."""
    today = look.today()
    hours = [(await look.ctx.organisation()).working_hours]
    hours += [
        row[0]
        for row in await look.rows(
            select(Branch.working_hours).where(Branch.working_hours.is_not(None))
        )
    ]
    minutes = [
        _minutes(spans[-1][1]) - _minutes(spans[0][0])
        for one in hours
        for spans in parse_working_hours(one).values()
        if spans
    ]
    shifts = await look.rows(
        select(Shift.spans, Shift.overtime_minutes).where(
            or_(Shift.valid_until.is_(None), Shift.valid_until >= today)
        )
    )
    for shift in shifts:
        for span in shift.spans:
            start, end = (_minutes(time.fromisoformat(span[edge])) for edge in ("start", "end"))
            minutes.append(
                (end - start if end > start else end - start + 24 * 60) + shift.overtime_minutes
            )
    return max(minutes, default=None)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
