"""Employees: the verbs of what is kept about the people who work here.

A record is about one member. What somebody earns is written, and seen, by whoever has
`employees:pay`; everybody else does not learn that there is such a field.
"""

from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import joinedload

from app.core.errors import invalid_field
from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.models.employees import Employee, Employment
from app.models.members import Member
from app.models.permissions import Permission
from app.services import attachments
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Day, Draft, Minor, Patch, ShortText

SHOWN = (joinedload(Employee.member),)
"""What an output of an employee needs loaded."""


class EmployeeDraft(Draft):
    """What is kept about a member."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    member_id: UUID
    department: ShortText | None = None
    title: ShortText | None = None
    employment: Employment = Employment.full_time
    pay_rate: Minor | None = Field(None, description="Minor units an hour.")
    hired_on: Day | None = None
    left_on: Day | None = None


class EmployeePatch(Patch):
    """Changes; null empties."""

    department: ShortText | None = None
    title: ShortText | None = None
    employment: Employment = Employment.full_time
    pay_rate: Minor | None = Field(None, description="Minor units an hour.")
    hired_on: Day | None = None
    left_on: Day | None = None


class EmployeeQuery(ListQuery):
    """Filters and sorts of the list of employees."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": Employee.created_at,
        "hired_on": Employee.hired_on,
    }
    FILTERS: ClassVar[Fields | None] = filterable(
        Employee.id,
        Employee.created_at,
        Employee.updated_at,
        Employee.member_id,
        Employee.department,
        Employee.title,
        Employee.employment,
        Employee.hired_on,
        Employee.left_on,
    )

    member_id: Annotated[UUID | None, Filter(Employee.member_id)] = None
    employment: Annotated[Employment | None, Filter(Employee.employment)] = None
    department: Annotated[ShortText | None, Filter(Employee.department)] = None


async def create(ctx: Ctx, draft: EmployeeDraft) -> Employee:
    """Keep a record about a member.

    Raises `NotFound` for a member who is not there, `Conflict` when they have one, `Invalid` when
    they left before they were hired, `Forbidden` for pay without the permission.
    """
    given = draft.model_dump(exclude_none=True, exclude={"member_id"})
    _refuse_pay(ctx, given)
    _refuse_disorder(draft.hired_on, draft.left_on)
    member = await ctx.get(Member, draft.member_id, pointer="/member_id")
    employee = await ctx.add(Employee(member=member, **given))
    await emit(ctx, Fact.employee_created, employee, about=(member.id,), name=member.name)
    return employee


async def change(ctx: Ctx, employee: Employee, patch: EmployeePatch) -> Employee:
    """Change what the patch names. Raises as `create`."""
    given = patch.given()
    _refuse_pay(ctx, given)
    _refuse_disorder(
        given.get("hired_on", employee.hired_on), given.get("left_on", employee.left_on)
    )
    for name, value in given.items():
        setattr(employee, name, value)
    if changed(employee):
        told = changed(employee, by_all=True)
        await emit(
            ctx,
            Fact.employee_changed,
            employee,
            about=(employee.member_id,),
            name=employee.member.name,
            fields=", ".join(told) or "other details",
        )
    return employee


def _refuse_pay(ctx: Ctx, given: dict[str, Any]) -> None:
    if "pay_rate" in given:
        ctx.require(Permission.employees_pay)


def _refuse_disorder(hired_on: date | None, left_on: date | None) -> None:
    if hired_on is not None and left_on is not None and left_on < hired_on:
        raise invalid_field("left_on", f"They were hired on {hired_on}, so left later.")


async def delete(ctx: Ctx, employee: Employee) -> None:
    """Delete the record for good, and the files that are on no other record with it; the member
    stays."""
    about = (employee.member_id,)
    await attachments.let_go(ctx, employee)
    await emit(ctx, Fact.employee_deleted, employee, about=about, name=employee.member.name)
    await ctx.session.delete(employee)
