"""Job types: the verbs of the templates that work is sold by.

A deleted job type is offered no more; work orders that have it keep it.
"""

from collections.abc import Container, Mapping, Sequence
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy.orm import selectinload

from app.core import clock
from app.core.errors import Conflict, invalid_field
from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.models.checklist_items import TaskKind
from app.models.job_types import JobType, Task
from app.models.skills import JobTypeSkill
from app.services import skills
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.gates import Gate, stored
from app.services.inputs import Draft, LongText, Name, Patch, ShortText, UnitPrice
from app.services.invoices import costs
from app.services.invoices.lines import LineDraft, UnitCost
from app.services.skills import NeededSkill

Minutes = Annotated[int, Field(ge=5, le=10_080, strict=True)]
"""Five minutes to a week."""
Steps = Annotated[list[ShortText], Field(max_length=100)]
Crew = Annotated[int, Field(ge=1, le=20, strict=True)]
MOST_PRICES = 50
Prices = Annotated[list[LineDraft], Field(max_length=MOST_PRICES)]
Needs = Annotated[list[NeededSkill], Field(max_length=skills.MOST)]

SHOWN = (selectinload(JobType.skills).joinedload(JobTypeSkill.skill),)
"""What an output of a job type needs loaded."""


class TaskDraft(Draft):
    """A step that new work starts with."""

    title: Name
    required: bool = Field(False, description="The work order does not complete without it.")
    kind: TaskKind = Field(
        TaskKind.check, description="`text` and `number` are done with an answer."
    )


Tasks = Annotated[
    list[TaskDraft],
    Field(max_length=100, description="The checklist with its details; send this or `checklist`."),
]


class JobTypeDraft(Draft):
    """A new job type."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    name: Name
    trade: ShortText = Field(description="septic, plumbing, hvac, electrical, …")
    description: LongText | None = None
    instructions: LongText | None = Field(
        None, description="For whoever does the work; a new work order's description."
    )
    duration_minutes: Minutes
    crew_size: Crew = Field(1, description="How many people the work needs.")
    unit_price: UnitPrice | None = Field(
        None, description="One price for all of it; `price_lines` stand before it."
    )
    unit_cost: UnitCost = None
    price_lines: Prices = Field([], description="What a draft invoice starts with.")
    checklist: Steps = Field([])
    tasks: Tasks = Field([])
    skills: Needs = Field([])
    gate: Gate | None = Field(
        None, description="What must be there before it moves on; null: as the organisation says."
    )

    @model_validator(mode="after")
    def _one_list_of_steps(self) -> "JobTypeDraft":
        _refuse_two_lists(self.model_fields_set)
        return self


class JobTypePatch(Patch):
    """Changes to a job type; lists are replaced as a whole. A step of `checklist` that was there
    before keeps its details."""

    name: Name = ""
    trade: ShortText = ""
    description: LongText | None = None
    instructions: LongText | None = None
    duration_minutes: Minutes = 60
    crew_size: Crew = 1
    unit_price: UnitPrice | None = None
    unit_cost: UnitCost = None
    price_lines: Prices = Field([])
    checklist: Steps = Field([])
    tasks: Tasks = Field([])
    skills: Needs = Field([])
    gate: Gate | None = None

    @model_validator(mode="after")
    def _one_list_of_steps(self) -> "JobTypePatch":
        _refuse_two_lists(self.model_fields_set)
        return self


def _refuse_two_lists(given: set[str]) -> None:
    if {"checklist", "tasks"} <= given:
        raise ValueError("Send tasks or checklist, not both.")


class JobTypeQuery(ListQuery):
    """Filters and sorts of the list of job types."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": JobType.created_at, "name": JobType.name}
    FILTERS: ClassVar[Fields | None] = filterable(
        JobType.id,
        JobType.created_at,
        JobType.updated_at,
        JobType.name,
        JobType.trade,
        JobType.description,
        JobType.instructions,
        JobType.duration_minutes,
        JobType.crew_size,
        JobType.unit_price,
        JobType.unit_cost,
        JobType.deleted_at,
    )

    name: Annotated[Name | None, Filter(JobType.name)] = None
    trade: Annotated[ShortText | None, Filter(JobType.trade)] = None


async def create(ctx: Ctx, draft: JobTypeDraft) -> JobType:
    """Add a job type. Raises `NotFound` for a skill that is not there, `Conflict` for a name or id
    that another job type has, `Forbidden` for a cost without the permission."""
    costs.refuse_unseen(ctx, named=_names_costs(draft.model_fields_set, draft.price_lines))
    apart = {"skills", "tasks", "price_lines", "gate"}
    given = draft.model_dump(exclude_none=True, exclude=apart)
    job_type = JobType(skills=[], price_lines=_prices(draft.price_lines, ()), **given)
    job_type.gate = None if draft.gate is None else stored(draft.gate)
    if draft.tasks:
        job_type.set_tasks(_tasks(draft.tasks))
    await skills.replace(ctx, job_type.skills, JobTypeSkill, draft.skills)
    await ctx.add(job_type)
    await emit(ctx, Fact.job_type_created, job_type, name=job_type.name)
    return job_type


async def change(ctx: Ctx, job_type: JobType, patch: JobTypePatch) -> JobType:
    """Change what the patch names; `job_type` has its skills loaded. Raises as `create` does."""
    given = patch.given()
    costs.refuse_unseen(ctx, named=_names_costs(given, patch.price_lines))
    if given.pop("skills", None) is not None and await skills.replace(
        ctx, job_type.skills, JobTypeSkill, patch.skills
    ):
        job_type.touch()
    if "tasks" in given:
        del given["tasks"]
        job_type.set_tasks(_tasks(patch.tasks))
    if "checklist" in given:
        before = {task.title: task for task in job_type.tasks}
        titles = given.pop("checklist")
        job_type.set_tasks([before.get(title, Task(title)) for title in titles])
    if "price_lines" in given:
        given["price_lines"] = _prices(patch.price_lines, job_type.price_lines)
    if given.get("gate") is not None:
        given["gate"] = stored(patch.gate or [])
    for name, value in given.items():
        setattr(job_type, name, value)
    if changed(job_type):
        said = ", ".join(_named(changed(job_type, by_all=True))) or "other details"
        await emit(ctx, Fact.job_type_changed, job_type, name=job_type.name, fields=said)
    return job_type


def _names_costs(given: Container[str], lines: Sequence[LineDraft]) -> bool:
    return "unit_cost" in given or any(line.says_cost for line in lines)


def _tasks(drafts: Sequence[TaskDraft]) -> list[Task]:
    titles = [draft.title for draft in drafts]
    for place, title in enumerate(titles):
        if title in titles[:place]:
            raise invalid_field(
                f"tasks/{place}/title", "This task is on the list twice.", code="twice"
            )
    return [Task(**draft.model_dump()) for draft in drafts]


def _prices(
    lines: Sequence[LineDraft], before: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """As they are kept: decimals as text, which JSON does not round; a cost only where one is known,
    also that of the line before that it was said of."""
    kept = costs.kept(lines, [LineDraft.model_validate(line) for line in before])
    return [
        line.model_dump(mode="json", exclude={"unit_cost"})
        | ({} if cost is None else {"unit_cost": str(cost)})
        for line, cost in zip(lines, kept, strict=True)
    ]


def _named(fields: list[str]) -> list[str]:
    """What people call the fields that changed: a task's details belong to the checklist."""
    named = {"checklist" if field == "task_details" else field for field in fields}
    return skills.named(sorted(named))


async def delete(ctx: Ctx, job_type: JobType) -> None:
    """Offer a job type no more. Work orders of that type are not touched."""
    job_type.deleted_at = clock.now()
    await emit(ctx, Fact.job_type_deleted, job_type, name=job_type.name)


async def restore(ctx: Ctx, job_type: JobType) -> JobType:
    """Offer a job type again. Raises `Conflict` when it is not deleted, or its name is taken."""
    if job_type.deleted_at is None:
        raise Conflict("This job type is not deleted.", code="not_deleted")
    job_type.deleted_at = None
    await emit(ctx, Fact.job_type_restored, job_type, name=job_type.name)
    return job_type
