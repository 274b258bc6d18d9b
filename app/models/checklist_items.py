"""Checklist items: steps of a work order, to be done and recorded. Required ones gate completion."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, Text, exists, select, true
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Short, TenantModel, Viewer, belongs_to, one_of


class TaskKind(StrEnum):
    """What a step asks of whoever does it: to be ticked, some words, or a number that was read."""

    check = "check"
    text = "text"
    number = "number"


class ChecklistItem(TenantModel):
    __tablename__ = "checklist_items"

    work_order_id: Mapped[UUID]
    position: Mapped[int]
    title: Mapped[str] = mapped_column(Short)
    required: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[TaskKind] = mapped_column(Text, default=TaskKind.check, server_default="check")
    answer: Mapped[str | None] = mapped_column(Short)
    """What was found; a step that asks for words or a number is not done without."""
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[UUID | None]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Where one sees the work order."""
        from app.models.work_orders import WorkOrder

        if viewer.sees_all:
            return true()
        order = select(WorkOrder.id).where(
            WorkOrder.org_id == cls.org_id, WorkOrder.id == cls.work_order_id
        )
        return exists(order.where(WorkOrder.visible_to(viewer)).correlate(cls))

    __table_args__ = (
        belongs_to("work_order_id", "work_orders"),
        belongs_to("done_by_id", "members"),
        one_of("kind", TaskKind),
        CheckConstraint("position >= 0", name="position"),
        CheckConstraint("length(trim(title)) > 0", name="title"),
        Index("ix_checklist_items_work_order_id", "org_id", "work_order_id", "position"),
    )
