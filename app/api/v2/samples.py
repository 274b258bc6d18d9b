"""`/api/v2/organisation/demo`: sample records in one's own organisation, to look around with."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from app.api.deps import allowed
from app.api.edge import Edge
from app.api.outputs import Instant, Out, Record
from app.api.problems import answers
from app.models.permissions import Permission
from app.models.samples import Sample, SampleStatus
from app.services import samples
from app.services.context import Ctx

router = APIRouter(
    prefix="/api/v2/organisation/demo",
    tags=["organisation"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.organisation_read)]
Writer = Annotated[Ctx, allowed(Permission.organisation_write)]


class KeptSampleOut(Out):
    """A sample record that stays, because somebody has touched or used it."""

    table: str = Field(description="The list it is in, such as `customers`.")
    record_id: UUID
    name: str | None
    reason: str | None


class SampleOut(Record):
    """Sample records, and how far their loading or removal is: `steps_done` of `steps`."""

    status: SampleStatus
    steps: int
    steps_done: int
    records_made: int
    records_removed: int
    records_kept: int
    failure: str | None
    asked_by_id: UUID | None
    loaded_at: Instant | None
    removed_at: Instant | None
    kept: list[KeptSampleOut] = Field(description="What a removal has left, and why.")


async def _shown(ctx: Ctx, sample: Sample) -> SampleOut:
    shown: dict[str, Any] = {
        name: getattr(sample, name) for name in SampleOut.model_fields if name != "kept"
    }
    return SampleOut(**shown, kept=await samples.kept(ctx, sample))


@router.get(
    "",
    operation_id="get_sample_records",
    summary="How far the sample records are",
    responses=answers(404),
)
async def get_sample_records(ctx: Reader) -> SampleOut:
    """The last loading of sample records: its progress, its removal, and what was kept."""
    return await _shown(ctx, await samples.present(ctx))


@router.post(
    "",
    operation_id="load_sample_records",
    summary="Load sample records",
    status_code=202,
    responses=answers(400, 409, 422),
)
async def load_sample_records(ctx: Writer) -> SampleOut:
    """Have job types, technicians and eight customers with work made in the background, to look
    around with. They take numbers of your work orders, and no invoice is among them."""
    return await _shown(ctx, await samples.load(ctx))


@router.delete(
    "",
    operation_id="remove_sample_records",
    summary="Remove the sample records",
    status_code=202,
    responses=answers(404, 409),
)
async def remove_sample_records(ctx: Writer) -> SampleOut:
    """Have every sample record removed in the background that nobody has changed or used since. What
    was is kept and named."""
    return await _shown(ctx, await samples.remove(ctx))
