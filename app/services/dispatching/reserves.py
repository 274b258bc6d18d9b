"""What an organisation keeps back of each window: for whom, and until when.

What is always true: who has said nothing keeps a tenth for emergencies until four hours before; an empty
list keeps nothing back.
"""

from typing import Annotated

from pydantic import Field, model_validator

from app.models.organisations import OrganisationSettings
from app.models.work_orders import Priority
from app.scheduling.capacity import EMERGENCIES, Reserve
from app.scheduling.model import HOUR, MINUTE
from app.services.context import Ctx
from app.services.dispatching.work import RANK
from app.services.facts import Fact, emit
from app.services.inputs import Draft, ShortText


class ReserveDraft(Draft):
    """A part of each window that is kept back."""

    minutes: int | None = Field(None, ge=1, le=100_000, description="So much work; or `percent`.")
    percent: int | None = Field(None, ge=1, le=100, description="Of what the window has in all.")
    priority: Priority | None = Field(
        None, description="For work of this priority and higher ones; or `channel`."
    )
    channel: ShortText | None = Field(None, description="For whoever books this way.")
    release_hours: int = Field(
        0, ge=0, le=720, description="So long before the window everybody has it."
    )

    @model_validator(mode="after")
    def _one_of_each(self) -> "ReserveDraft":
        if (self.minutes is None) == (self.percent is None):
            raise ValueError("Say how much is kept back: minutes or percent.")
        if self.priority is None and self.channel is None:
            raise ValueError("Say for whom it is kept back: priority or channel.")
        return self

    def kept(self) -> Reserve:
        """As the planner counts it."""
        return Reserve(
            seconds=(self.minutes or 0) * MINUTE,
            thousandths=(self.percent or 0) * 10,
            priority=RANK[self.priority] if self.priority is not None else None,
            channel=self.channel,
            release=self.release_hours * HOUR,
        )


USUAL = ReserveDraft(
    percent=EMERGENCIES.thousandths // 10,
    priority=Priority.emergency,
    release_hours=EMERGENCIES.release // HOUR,
)


class ReservesDraft(Draft):
    """All of them, or null for what everybody begins with."""

    reserves: Annotated[list[ReserveDraft], Field(max_length=20)] | None


def said(organisation: OrganisationSettings) -> list[ReserveDraft]:
    """What the organisation keeps back."""
    if organisation.reserves is None:
        return [USUAL]
    return [ReserveDraft.model_validate(one) for one in organisation.reserves]


async def of(ctx: Ctx) -> tuple[Reserve, ...]:
    """The same as the planner counts it."""
    return tuple(one.kept() for one in said(await ctx.organisation()))


async def change(
    ctx: Ctx, organisation: OrganisationSettings, draft: ReservesDraft
) -> OrganisationSettings:
    """Keep this back from now on; `organisation` is locked. What was sold stays sold."""
    wanted = None
    if draft.reserves is not None:
        wanted = [one.model_dump(mode="json", exclude_none=True) for one in draft.reserves]
    if wanted != organisation.reserves:
        organisation.reserves = wanted
        await emit(
            ctx,
            Fact.organisation_changed,
            organisation,
            name=organisation.name,
            fields="reserves",
        )
    return organisation
