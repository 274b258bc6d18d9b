"""Arrival windows: what a desk offers a customer, such as 8 to 10 or 10 to 12.

A set of windows is of a job type, of a branch, of both, or of neither. What fits nearest is offered: of
the job type at the branch, of the job type anywhere, of the branch, of the organisation.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Short, TenantModel, belongs_to


class ArrivalWindowSet(TenantModel):
    __tablename__ = "arrival_windows"

    name: Mapped[str] = mapped_column(Short)
    job_type_id: Mapped[UUID | None]
    """None: for every job type without a set of its own."""
    branch_id: Mapped[UUID | None]
    """None: at every branch without a set of its own."""
    windows: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    """`{"start": "08:00", "end": "10:00", "weekdays": ["mon", …]}` on the site's wall."""

    __table_args__ = (
        belongs_to("job_type_id", "job_types"),
        belongs_to("branch_id", "branches"),
        CheckConstraint("length(trim(name)) > 0", name="name"),
        Index("ix_arrival_windows_job_type_id", "org_id", "job_type_id"),
        Index("ix_arrival_windows_branch_id", "org_id", "branch_id"),
        Index("ix_arrival_windows_created_at", "org_id", "created_at", "id"),
    )  # fmt: skip
