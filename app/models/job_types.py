"""Job types: the templates of the work that is sold, with duration, crew, skills, tasks and prices."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, Index, Numeric, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.model import Long, Short, SoftDeleted, TenantModel, WithParts
from app.models.checklist_items import TaskKind
from app.models.permissions import Permission
from app.models.sensitive import only_for, within_only_for
from app.models.skills import JobTypeSkill


@dataclass(frozen=True)
class Task:
    """A step that a new work order starts with."""

    title: str
    required: bool = False
    kind: TaskKind = TaskKind.check


class JobType(WithParts, SoftDeleted, TenantModel):
    __tablename__ = "job_types"

    name: Mapped[str] = mapped_column(Short)
    trade: Mapped[str] = mapped_column(Short)
    """septic, plumbing, hvac, electrical, …"""
    description: Mapped[str | None] = mapped_column(Long)
    instructions: Mapped[str | None] = mapped_column(Long)
    """What whoever does the work should know; a new work order's description."""
    duration_minutes: Mapped[int]
    crew_size: Mapped[int] = mapped_column(default=1, server_default="1")
    """How many people the work needs."""
    unit_price: Mapped[Decimal | None] = mapped_column(Numeric(14, 4))
    """What an invoice line starts from, in major units of the organisation's currency."""
    unit_cost: Mapped[Decimal | None] = mapped_column(
        Numeric(14, 4), info=only_for(Permission.prices_costs)
    )
    """What such work costs us, in the same major units."""
    price_lines: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB,
        default=list,
        server_default=text("'[]'"),
        info=within_only_for(unit_cost=Permission.prices_costs),
    )
    """The charges that a draft invoice starts from, instead of the one price."""
    checklist: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    """The steps that a new work order of this type starts with."""
    task_details: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default=dict, server_default=text("'{}'")
    )
    """Title → what is said of a step besides its title; silence: to be ticked, and not required."""

    gate: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    """What must be there before work of this type moves on (`models.gates`); None: what the
    organisation asks for."""

    skills: Mapped[list[JobTypeSkill]] = relationship(
        primaryjoin="JobType.id == foreign(JobTypeSkill.job_type_id)",
        order_by="(JobTypeSkill.created_at, JobTypeSkill.id)",
        cascade="all, delete-orphan",
        lazy="raise",
    )

    @property
    def tasks(self) -> list[Task]:
        """The steps with all that is said of them."""
        return [Task(title, **(self.task_details or {}).get(title, {})) for title in self.checklist]

    def set_tasks(self, tasks: Sequence[Task]) -> None:
        """Replace the steps; no two have one title."""
        self.checklist = [task.title for task in tasks]
        plain = Task("")
        details = {}
        for task in tasks:
            said = {
                k: v for k, v in asdict(task).items() if k != "title" and v != getattr(plain, k)
            }
            if said:
                details[task.title] = said
        self.task_details = details

    __table_args__ = (
        CheckConstraint("duration_minutes between 5 and 10080", name="duration_minutes"),
        CheckConstraint("crew_size between 1 and 20", name="crew_size"),
        CheckConstraint("unit_price >= 0", name="unit_price"),
        CheckConstraint("unit_cost >= 0", name="unit_cost"),
        CheckConstraint("length(trim(name)) > 0", name="name"),
        Index("ix_job_types_created_at", "org_id", "created_at", "id"),
        Index(
            "uq_job_types_name",
            "org_id",
            "name",
            unique=True,
            postgresql_where=text("deleted_at is null"),
        ),
    )
