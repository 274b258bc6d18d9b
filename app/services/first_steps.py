"""The first steps of an organisation: what has to be there before a visit can be promised.

Each is looked up in what there is; nobody ticks anything off. Sample records count for none of them.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from app.core.model import TenantModel
from app.models.arrival_windows import ArrivalWindowSet
from app.models.customers import Customer
from app.models.job_types import JobType
from app.models.promises import Promise
from app.models.samples import SampleRecord
from app.models.technicians import Technician
from app.services.context import Ctx


@dataclass(frozen=True)
class FirstSteps:
    """Which of them are done."""

    address: bool
    technician: bool
    job_type: bool
    arrival_windows: bool
    customer: bool
    promised: bool


async def first_steps(ctx: Ctx) -> FirstSteps:
    """Look what is there, with one question to the database."""
    own = await ctx.organisation()
    found = await ctx.session.execute(
        select(
            _any(ctx, Technician, Technician.id, Technician.active).label("technician"),
            _any(ctx, JobType, JobType.id).label("job_type"),
            ctx.select(ArrivalWindowSet).exists().label("arrival_windows"),
            _any(ctx, Customer, Customer.id).label("customer"),
            _any(ctx, Promise, Promise.visit_id, of="visits").label("promised"),
        )
    )
    address = all(one.strip() for one in (own.street, own.city, own.postal_code))
    return FirstSteps(address=address, **found.one()._mapping)


def _any(
    ctx: Ctx,
    model: type[TenantModel],
    id: InstrumentedAttribute[Any],
    *where: ColumnElement[bool] | InstrumentedAttribute[bool],
    of: str | None = None,
) -> ColumnElement[bool]:
    """Whether there is one that is no sample, or hangs on none."""
    sample = (
        select(SampleRecord.id)
        .where(
            SampleRecord.org_id == model.org_id,
            SampleRecord.table == (of or model.__tablename__),
            SampleRecord.record_id == id,
        )
        .correlate(model)
    )
    return ctx.select(model).where(~sample.exists(), *where).exists()
