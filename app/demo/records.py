"""A demo company's own records: settings, skills, job types and technicians."""

from datetime import date, datetime, timedelta
from uuid import UUID

from app.core.contacts import person_sort_name
from app.demo.catalogue import CERTIFIED, KINDS, Kind
from app.demo.chronicle import Act, Chronicle
from app.demo.companies import Company
from app.demo.jobs import Hand
from app.demo.office import Office
from app.models.arrival_windows import ArrivalWindowSet
from app.models.job_types import JobType
from app.models.skills import JobTypeSkill, Skill, TechnicianSkill
from app.models.technicians import Resource, ResourceKind, Technician
from app.services.facts import Fact

WINDOWS = (("08:00", "10:00"), ("10:00", "12:00"), ("13:00", "15:00"), ("15:00", "17:00"))


def offer(told: Chronicle, act: Act) -> tuple[dict[str, UUID], dict[str, UUID]]:
    """Skills, job types and arrival windows, as the company sells them; the ids of the first two by
    name and by key."""
    names = dict.fromkeys(name for kind in KINDS for name, _ in kind.needs)
    skills: dict[str, UUID] = {}
    for name in names:
        skills[name] = told.add(act, Skill, name=name)
        told.say(act, Fact.skill_created, Skill, skills[name], name=name)
    windows = [{"start": start, "end": end} for start, end in WINDOWS]
    id = told.add(act, ArrivalWindowSet, name="Two hours", windows=windows)
    told.say(act, Fact.arrival_window_created, ArrivalWindowSet, id, name="Two hours")
    return skills, {kind.key: _job_type(told, act, kind, skills) for kind in KINDS}


def _job_type(told: Chronicle, act: Act, kind: Kind, skills: dict[str, UUID]) -> UUID:
    job_type = told.add(
        act,
        JobType,
        name=kind.name,
        trade=kind.trade,
        duration_minutes=kind.minutes,
        unit_price=kind.unit_price,
        unit_cost=kind.unit_cost,
        checklist=list(kind.steps),
    )
    for name, level in kind.needs:
        told.add(act, JobTypeSkill, job_type_id=job_type, skill_id=skills[name], level=level)
    told.say(act, Fact.job_type_created, JobType, job_type, name=kind.name)
    return job_type


def hire(
    told: Chronicle,
    company: Company,
    at: datetime,
    office: Office,
    skills: dict[str, UUID],
    *,
    today: date,
) -> list[Hand]:
    """The technicians, one after the other; the first is the one who signs in."""
    hands = []
    for place, crew in enumerate(company.crew):
        act = told.act(at + timedelta(minutes=4 * place), office.owner)
        id = told.add(act, Resource, kind=ResourceKind.technician)
        member_id = None if place else office.technician
        valid_until = {
            name: today + timedelta(days=crew.certified_for[name])
            for name in CERTIFIED
            if name in crew.skills
        }
        told.add(
            act,
            Technician,
            id=id,
            name=crew.name,
            sort_name=person_sort_name(crew.name),
            color=crew.color,
            time_zone=company.who.time_zone,
            member_id=member_id,
        )
        for name, level in crew.skills.items():
            told.add(
                act,
                TechnicianSkill,
                technician_id=id,
                skill_id=skills[name],
                level=level,
                expires_on=valid_until.get(name),
            )
        told.say(act, Fact.technician_created, Technician, id, name=crew.name)
        hands.append(Hand(id, crew.name, member_id, dict(crew.skills), valid_until))
    return hands
