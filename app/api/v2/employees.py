"""`/api/v2/employees`: what is kept about the people who work here."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Out, PageOut, Record, only
from app.api.problems import answers
from app.api.v2.stories import tell
from app.models.employees import Employee, Employment
from app.models.permissions import Permission
from app.services import employees
from app.services.context import Ctx
from app.services.employees import SHOWN, EmployeeDraft, EmployeePatch, EmployeeQuery

router = APIRouter(
    prefix="/api/v2/employees", tags=["people"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.employees_read)]
Writer = Annotated[Ctx, allowed(Permission.employees_write)]


class EmployeeMemberOut(Out):
    id: UUID
    name: str


class EmployeeOut(Record):
    """What is kept about somebody who works, or worked, here."""

    member: EmployeeMemberOut
    department: str | None
    title: str | None
    employment: Employment
    pay_rate: Annotated[int | None, only(Permission.employees_pay)] = None
    hired_on: date | None
    left_on: date | None


@shows(Employee)
async def show(ctx: Ctx, employee_id: UUID) -> EmployeeOut:
    """The employee as this caller sees it."""
    return EmployeeOut.model_validate(await ctx.get(Employee, employee_id, options=SHOWN))


@router.get(
    "", operation_id="list_employees", summary="List employees", responses=answers(400, 422)
)
async def list_employees(
    ctx: Reader, query: Annotated[EmployeeQuery, Query()], page: Pages
) -> PageOut[EmployeeOut]:
    """The organisation's employees."""
    return await page(Employee, query, options=SHOWN)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_employee",
    summary="Add an employee",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_employee(ctx: Writer, draft: EmployeeDraft) -> EmployeeOut:
    """Keep a record about a member. What they earn needs `employees:pay`."""
    return await employees.create(ctx, draft)  # type: ignore[return-value]


@router.get(
    "/{id}", operation_id="get_employee", summary="Get an employee", responses=answers(404, 422)
)
async def get_employee(ctx: Reader, id: UUID) -> EmployeeOut:
    """One employee."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_employee",
    summary="Change an employee",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_employee(
    ctx: Writer, id: UUID, patch: EmployeePatch, seen: SeenVersion
) -> EmployeeOut:
    """Change the fields you send."""
    row = await ctx.get(Employee, id, at=seen, options=SHOWN)
    return await employees.change(ctx, row, patch)  # type: ignore[return-value]


@router.delete(
    "/{id}",
    operation_id="delete_employee",
    summary="Delete an employee",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_employee(ctx: Writer, id: UUID) -> Response:
    """Delete the record for good, and its files with it that are on no other record; the member
    stays."""
    await employees.delete(ctx, await ctx.get(Employee, id, lock=True, options=SHOWN))
    return Response(status_code=204)


tell(router, Employee, Permission.employees_read)
