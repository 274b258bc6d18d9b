"""Technicians and crews who cannot be booked, or not as one thinks."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select

from app.core.wall import spoken_date, spoken_day
from app.models.branches import Branch, Team
from app.models.crews import Crew, CrewMember
from app.models.organisations import WEEKDAYS
from app.models.permissions import Permission as P
from app.models.shifts import Shift, ShiftKind
from app.models.skills import Skill, TechnicianSkill
from app.models.technicians import Technician
from app.models.vehicles import Vehicle
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
    version,
)

WORKS = Technician.active & Technician.deleted_at.is_(None)
WEEK = [{"weekday": day, "start": "08:00", "end": "17:00"} for day in WEEKDAYS[:5]]
"""What a shift begins with that nobody has said anything of."""
SOON = timedelta(days=30)
FOUR_WEEKS = 28


def _technician(row: Any) -> Named:
    return Named("technician", row.id, row.name)


@detector(
    Severity.error,
    "A technician has no shift, and their crew, branch and organisation have no working hours.",
    P.technicians_read,
    P.organisation_read,
)
async def technician_without_hours(look: Look) -> Found:
    """People of whom nobody knows when they work, so that no slot is ever offered with them."""
    today = look.today()
    everywhere = any((await look.ctx.organisation()).working_hours.values())

    def now(*whose: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists(
            select(Shift.id).where(
                Shift.org_id == Technician.org_id,
                Shift.kind == ShiftKind.normal,
                or_(Shift.valid_until.is_(None), Shift.valid_until >= today),
                func.jsonb_array_length(Shift.spans) > 0,
                *whose,
            )
        )

    in_crew = exists(
        select(CrewMember.id)
        .join(Crew, (Crew.org_id == CrewMember.org_id) & (Crew.id == CrewMember.crew_id))
        .join(Shift, (Shift.org_id == CrewMember.org_id) & (Shift.crew_id == CrewMember.crew_id))
        .where(
            CrewMember.org_id == Technician.org_id,
            CrewMember.technician_id == Technician.id,
            _still(CrewMember.last_day, today),
            Crew.active,
            Crew.deleted_at.is_(None),
            Shift.kind == ShiftKind.normal,
            _still(Shift.valid_until, today),
            func.jsonb_array_length(Shift.spans) > 0,
        )
        .correlate(Technician)
    )
    rows = await look.rows(
        select(Technician.id, Technician.name, Branch.id.label("branch_id"), Branch.working_hours)
        .outerjoin(Team, (Team.org_id == Technician.org_id) & (Team.id == Technician.team_id))
        .outerjoin(Branch, (Branch.org_id == Team.org_id) & (Branch.id == Team.branch_id))
        .where(WORKS, ~now(Shift.technician_id == Technician.id), ~in_crew)
        .order_by(Technician.sort_name, Technician.id)
    )
    return look.some(
        (
            Finding(
                f"Nobody has said when {row.name} works: there is no shift, and no working hours.",
                (_technician(row),),
                Fix(
                    "Give them a shift, or set the organisation's working hours.",
                    Request(
                        "POST",
                        "/api/v2/shifts",
                        P.technicians_write,
                        {
                            "technician_id": str(row.id),
                            "name": "Weekdays",
                            "valid_from": today.isoformat(),
                            "spans": WEEK,
                        },
                    ),
                ),
            )
            for row in rows
            if not (everywhere if row.working_hours is None else any(row.working_hours.values()))
        ),
        of=rows,
    )


def _still(last_day: Any, today: date) -> ColumnElement[bool]:
    return or_(last_day.is_(None), last_day >= today)


@detector(
    Severity.warning,
    "Neither a technician nor the organisation says where the day begins.",
    P.technicians_read,
    P.organisation_read,
)
async def technician_without_base(look: Look) -> Found:
    """People whose first drive of the day is unknown, and counted as none."""
    if (await look.ctx.organisation()).base_latitude is not None:
        return Found()
    return await look.each(
        select(Technician.id, Technician.name)
        .where(WORKS, Technician.base_latitude.is_(None))
        .order_by(Technician.sort_name, Technician.id),
        lambda row: Finding(
            f"Nobody has said where {row.name}'s day begins, so the first drive counts as none.",
            (_technician(row),),
            Fix("Set the place in the organisation's settings, or the technician's own."),
        ),
    )


@detector(
    Severity.warning,
    "A certificate of an active technician has expired, or expires within 30 days.",
    P.technicians_read,
)
async def certificate_expires(look: Look) -> Found:
    """What is to be renewed, the first to expire first."""
    today = look.today()

    def say(row: Any) -> Finding:
        on = spoken_date(row.expires_on)
        expires = "expired on" if row.expires_on < today else "expires on"
        return Finding(
            f"“{row.skill}” of {row.name} {expires} {on}.",
            (_technician(row), Named("skill", row.skill_id, row.skill)),
            Fix("Renew it and write down the new day of expiry, or take the skill away."),
        )

    return await look.each(
        select(
            Technician.id,
            Technician.name,
            Skill.id.label("skill_id"),
            Skill.name.label("skill"),
            TechnicianSkill.expires_on,
        )
        .join(
            TechnicianSkill,
            (TechnicianSkill.org_id == Technician.org_id)
            & (TechnicianSkill.technician_id == Technician.id),
        )
        .join(
            Skill, (Skill.org_id == TechnicianSkill.org_id) & (Skill.id == TechnicianSkill.skill_id)
        )
        .where(WORKS, TechnicianSkill.expires_on <= today + SOON)
        .order_by(TechnicianSkill.expires_on, Technician.sort_name, TechnicianSkill.id),
        say,
    )


@detector(
    Severity.warning,
    "Two shifts of one technician overlap, so that the same hours are said twice.",
    P.technicians_read,
)
async def shifts_overlap(look: Look) -> Found:
    """Patterns of the next four weeks that claim the same hours; overrides are meant to."""
    today = look.today()
    last = today + timedelta(days=FOUR_WEEKS)
    rows = await look.rows(
        select(Shift, Technician.name)
        .join(
            Technician,
            (Technician.org_id == Shift.org_id) & (Technician.id == Shift.technician_id),
        )
        .where(
            WORKS,
            ~Shift.overrides,
            Shift.valid_from <= last,
            _still(Shift.valid_until, today),
            func.jsonb_array_length(Shift.spans) > 0,
        )
        .order_by(Technician.sort_name, Shift.valid_from, Shift.id)
    )
    of_each: dict[UUID, list[Shift]] = defaultdict(list)
    names: dict[UUID, str] = {}
    for shift, name in rows:
        of_each[shift.technician_id].append(shift)
        names[shift.technician_id] = name
    return look.some(
        (
            Finding(
                f"{names[id]}'s shifts “{one.name}” and “{other.name}” overlap on"
                f" {spoken_day(both)}.",
                (
                    Named("technician", id, names[id]),
                    Named("shift", one.id, one.name),
                    Named("shift", other.id, other.name),
                ),
                Fix(
                    "End the older one the day before the newer begins, or let the newer one"
                    " override it."
                ),
            )
            for id, shifts in of_each.items()
            for one, other in combinations(shifts, 2)
            if one.kind == other.kind and (both := _in_both(one, other, today)) is not None
        ),
        of=rows,
    )


def _in_both(one: Shift, other: Shift, today: date) -> date | None:
    """The first day on which both claim the same hours."""
    for ahead in range(FOUR_WEEKS):
        day = today + timedelta(days=ahead)
        for start, end in _on(one, day):
            if any(start < ends and begins < end for begins, ends in _on(other, day)):
                return day
    return None


def _on(shift: Shift, day: date) -> Iterator[tuple[datetime, datetime]]:
    if day < shift.valid_from or (shift.valid_until is not None and shift.valid_until < day):
        return
    weeks = (_monday(day) - _monday(shift.anchor)).days // 7
    for span in shift.spans:
        if span["week"] != weeks % shift.rotation_weeks + 1:
            continue
        if span["weekday"] == WEEKDAYS[day.weekday()]:
            start, end = (
                datetime.combine(day, time.fromisoformat(span[edge])) for edge in ("start", "end")
            )
            yield start, end if end > start else end + timedelta(days=1)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@detector(
    Severity.warning,
    "A shift has no hours and overrides nothing, so it says nothing.",
    P.technicians_read,
)
async def shift_without_hours(look: Look) -> Found:
    """Patterns somebody began, and that give nobody any time."""
    today = look.today()

    def say(row: Any) -> Finding:
        return Finding(
            f"Shift “{row.name}” of {row.technician or row.crew} has no hours, and overrides"
            " nothing: it is neither work nor a day off.",
            (Named("shift", row.id, row.name),),
            Fix(
                "Give it hours, let it override (then it is days off), or delete it.",
                Request("DELETE", f"/api/v2/shifts/{row.id}", P.technicians_write),
            ),
        )

    return await look.each(
        select(
            Shift.id,
            Shift.name,
            Technician.name.label("technician"),
            Crew.name.label("crew"),
        )
        .outerjoin(
            Technician,
            (Technician.org_id == Shift.org_id) & (Technician.id == Shift.technician_id),
        )
        .outerjoin(Crew, (Crew.org_id == Shift.org_id) & (Crew.id == Shift.crew_id))
        .where(
            ~Shift.overrides,
            func.jsonb_array_length(Shift.spans) == 0,
            _still(Shift.valid_until, today),
        )
        .order_by(Shift.created_at, Shift.id),
        say,
    )


def _crews(*more: Any) -> Asked:
    return (
        select(Crew.id, Crew.name, Crew.version, *more)
        .where(Crew.active, Crew.deleted_at.is_(None))
        .order_by(Crew.name, Crew.id)
    )


def _change(row: Any, **body: Any) -> Request:
    """One change of the crew."""
    path = f"/api/v2/crews/{row.id}"
    return Request("PATCH", path, P.technicians_write, body, version(row.version))


def _members(today: date, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(
        select(CrewMember.id)
        .where(
            CrewMember.org_id == Crew.org_id,
            CrewMember.crew_id == Crew.id,
            _still(CrewMember.last_day, today),
            *more,
        )
        .correlate(Crew)
    )


@detector(Severity.warning, "An active crew has no members, now or later.", P.technicians_read)
async def crew_without_members(look: Look) -> Found:
    """Crews that nobody can be sent with."""
    today = look.today()
    return await look.each(
        _crews().where(~_members(today)),
        lambda row: Finding(
            f"Crew “{row.name}” has no members.",
            (Named("crew", row.id, row.name),),
            Fix("Put people into it, or switch it off.", _change(row, active=False)),
        ),
    )


@detector(
    Severity.warning, "A crew is led by somebody who is not a member of it.", P.technicians_read
)
async def crew_led_from_outside(look: Look) -> Found:
    """Crews whose lead has left them."""
    today = look.today()
    return await look.each(
        _crews(Technician.id.label("lead_id"), Technician.name.label("lead"))
        .join(Technician, (Technician.org_id == Crew.org_id) & (Technician.id == Crew.lead_id))
        .where(~_members(today, CrewMember.technician_id == Crew.lead_id)),
        lambda row: Finding(
            f"Crew “{row.name}” is led by {row.lead}, who is not a member of it.",
            (Named("crew", row.id, row.name), Named("technician", row.lead_id, row.lead)),
            Fix("Let a member lead it, or put its lead back into it.", _change(row, lead_id=None)),
        ),
    )


@detector(
    Severity.warning,
    "A member of a crew is not active any more.",
    P.technicians_read,
)
async def crew_member_gone(look: Look) -> Found:
    """Crews that are planned with somebody who does no visits."""
    today = look.today()
    return await look.each(
        _crews(Technician.id.label("member_id"), Technician.name.label("member"))
        .join(CrewMember, (CrewMember.org_id == Crew.org_id) & (CrewMember.crew_id == Crew.id))
        .join(
            Technician,
            (Technician.org_id == CrewMember.org_id) & (Technician.id == CrewMember.technician_id),
        )
        .where(_still(CrewMember.last_day, today), ~WORKS),
        lambda row: Finding(
            f"{row.member} is a member of crew “{row.name}”, and is not active any more.",
            (Named("crew", row.id, row.name), Named("technician", row.member_id, row.member)),
            Fix("Take them out of the crew, or give their membership a last day."),
        ),
    )


@detector(
    Severity.warning, "A crew usually drives a vehicle that is out of service.", P.technicians_read
)
async def crew_vehicle_gone(look: Look) -> Found:
    """Crews that would stand beside their truck."""
    return await look.each(
        _crews(Vehicle.id.label("vehicle_id"), Vehicle.name.label("vehicle"))
        .join(Vehicle, (Vehicle.org_id == Crew.org_id) & (Vehicle.id == Crew.vehicle_id))
        .where(~Vehicle.active | Vehicle.deleted_at.is_not(None)),
        lambda row: Finding(
            f"Crew “{row.name}” drives “{row.vehicle}”, which is out of service.",
            (Named("crew", row.id, row.name), Named("vehicle", row.vehicle_id, row.vehicle)),
            Fix("Give the crew another vehicle, or none.", _change(row, vehicle_id=None)),
        ),
    )
