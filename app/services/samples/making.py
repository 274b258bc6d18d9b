"""Making sample records by the same verbs as anybody's, a step and a transaction after the other."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select

from app.core import clock
from app.core.model import TenantModel
from app.models.customers import CustomerKind
from app.models.job_types import JobType
from app.models.samples import Sample, SampleRecord, SampleStatus
from app.models.sites import Site
from app.services import customers, equipment, job_types, sites, technicians, work_orders
from app.services.context import Ctx
from app.services.customers import CustomerDraft
from app.services.equipment import EquipmentDraft
from app.services.facts import Fact, emit
from app.services.job_types import JobTypeDraft
from app.services.samples.content import (
    ELSEWHERE,
    JOB_TYPES,
    STEPS,
    TECHNICIANS,
    Household,
)
from app.services.samples.records import MODELS
from app.services.sites import SiteDraft
from app.services.technicians import TechnicianDraft
from app.services.transactions import Transactions
from app.services.visits import drafts as visits
from app.services.visits import planning
from app.services.visits.drafts import VisitDraft
from app.services.visits.planning import Plan
from app.services.visits.taking import take
from app.services.work_orders import WorkOrderDraft


async def make(transaction: Transactions, sample_id: UUID) -> None:
    """Make what is not made yet. A worker that dies makes nothing twice."""
    going_on = True
    while going_on:
        async with transaction() as ctx:
            going_on = await make_step(ctx, sample_id)
    async with transaction(last=True) as ctx:
        sample = await ctx.get(Sample, sample_id, lock=True)
        sample.status, sample.loaded_at = SampleStatus.loaded, clock.now()
        await emit(ctx, Fact.sample_loaded, sample, made=sample.records_made)


async def make_step(ctx: Ctx, sample_id: UUID) -> bool:
    """The next step; whether there are more."""
    sample = await ctx.get(Sample, sample_id, lock=True)
    if sample.steps_done == len(STEPS):
        return False
    step = STEPS[sample.steps_done]
    touched = await _touched(ctx, sample)
    making = _Making(ctx, sample)
    if isinstance(step, Household):
        await making.household(step)
    else:
        await MAKERS[step](making)
    sample.steps_done += 1
    await ctx.session.flush()
    await _note_versions(ctx, sample, touched)
    return sample.steps_done < len(STEPS)


class _Making:
    """One step."""

    def __init__(self, ctx: Ctx, sample: Sample):
        self.ctx = ctx
        self.sample = sample

    async def _made(self, record: TenantModel) -> Any:
        """It is a sample."""
        self.sample.records_made += 1
        await self.ctx.add(
            SampleRecord(
                sample_id=self.sample.id,
                position=self.sample.records_made,
                table=record.__tablename__,
                record_id=record.id,
                record_version=record.version,
            )
        )
        return record

    async def job_types(self) -> None:
        for name, trade, minutes, price, steps in JOB_TYPES:
            draft = JobTypeDraft(
                name=await self._free(name),
                trade=trade,
                duration_minutes=minutes,
                unit_price=price,
                checklist=list(steps),
            )
            await self._made(await job_types.create(self.ctx, draft))

    async def _free(self, name: str) -> str:
        """The name, or with a number where one that was kept has it still."""
        taken = await self.ctx.session.scalar(
            select(func.count())
            .select_from(JobType)
            .where(JobType.name.startswith(name, autoescape=True), JobType.deleted_at.is_(None))
        )
        return f"{name} {taken + 1}" if taken else name

    async def technicians(self) -> None:
        for name, color in TECHNICIANS:
            draft = TechnicianDraft(name=name, color=color)
            await self._made(await technicians.create(self.ctx, draft))

    async def household(self, one: Household) -> None:
        ctx = self.ctx
        business = one.name.startswith("Hollis")
        customer = await customers.create(
            ctx,
            CustomerDraft(
                name=one.name,
                kind=CustomerKind.business if business else CustomerKind.person,
                email=f"{one.name.split()[0].lower()}@example.com",
                notes="A sample. Remove all samples in the settings when you have looked around.",
            ),
        )
        await self._made(customer)
        city, region, postal_code = await self._town()
        site = await sites.create(
            ctx,
            SiteDraft(
                customer_id=customer.id,
                street=one.street,
                city=city,
                region=region,
                postal_code=postal_code,
            ),
        )
        await self._made(site)
        if one.equipment is not None:
            kind, make, model = one.equipment
            piece = EquipmentDraft(site_id=site.id, type=kind, make=make, model=model)
            await self._made(await equipment.create(ctx, piece))
        order = await work_orders.create(
            ctx,
            WorkOrderDraft(
                customer_id=customer.id,
                site_id=site.id,
                job_type_id=await self._nth("job_types", one.job_type),
                summary=one.summary,
            ),
        )
        await self._made(order)
        visit = await visits.create(ctx, VisitDraft(work_order_id=order.id))
        await self._made(visit)
        if one.planned is not None:
            technician, days, hour = one.planned
            await ctx.session.flush()
            plan = Plan(
                technician_ids=[await self._nth("technicians", technician)],
                start=_at(site, days, hour),
            )
            await planning.schedule(ctx, await take(ctx, visit.id), plan)

    async def _town(self) -> tuple[str, str, str]:
        settings = await self.ctx.organisation()
        here = (settings.city, settings.region, settings.postal_code)
        return here if all(here) and settings.country == "US" else ELSEWHERE

    async def _nth(self, table: str, place: int) -> UUID:
        """The sample of that table that was made as the n-th of its kind."""
        statement = (
            select(SampleRecord.record_id)
            .where(SampleRecord.sample_id == self.sample.id, SampleRecord.table == table)
            .order_by(SampleRecord.position)
            .offset(place)
            .limit(1)
        )
        return (await self.ctx.session.execute(statement)).scalar_one()


MAKERS: dict[str, Callable[[_Making], Awaitable[None]]] = {
    "job types": _Making.job_types,
    "technicians": _Making.technicians,
}


def _at(site: Site, days: int, hour: int) -> datetime:
    """An hour by the clock at the site, so many days from today."""
    zone = ZoneInfo(site.time_zone)
    day = clock.now().astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(hour), zone).astimezone(UTC)


async def _touched(ctx: Ctx, sample: Sample) -> set[UUID]:
    """What somebody has changed since it was made. The rest is locked: what moves it now is us."""
    touched: set[UUID] = set()
    for table, model in MODELS.items():
        pairs = _versions(sample, table, model).order_by(model.id)
        for record, version in await ctx.session.execute(
            pairs.with_for_update(key_share=True, of=model)
        ):
            if record.record_version != version:
                touched.add(record.id)
    return touched


async def _note_versions(ctx: Ctx, sample: Sample, touched: set[UUID]) -> None:
    """What each record has come to, now that this step has had its effect on earlier ones."""
    for table, model in MODELS.items():
        for record, version in await ctx.session.execute(_versions(sample, table, model)):
            if record.id not in touched:
                record.record_version = version


def _versions(sample: Sample, table: str, model: type[TenantModel]) -> Select[SampleRecord, int]:
    same = (model.org_id == SampleRecord.org_id) & (model.id == SampleRecord.record_id)
    mine = (SampleRecord.sample_id == sample.id, SampleRecord.table == table)
    return select(SampleRecord, model.version).join(model, same).where(*mine)
