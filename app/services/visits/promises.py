"""What the customer was told: the promise ledger, and the customer's confirmation.

A promise bounds the arrival. It outlives the plan: a visit that is taken off the board stays
promised until it is promised anew or cancelled.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field, field_validator

from app.core import clock, wall
from app.core.errors import invalid_field
from app.models.promises import Promise, ToldVia
from app.models.visits import Visit
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.inputs import ShortText
from app.services.visits import gating, invitations
from app.services.visits.gating import Override
from app.services.visits.happenings import Happening, moment
from app.services.visits.telling import because, local, tell
from app.services.visits.times import Window

VIA = {
    ToldVia.phone: "by phone",
    ToldVia.email: "by e-mail",
    ToldVia.sms: "by text message",
    ToldVia.in_person: "in person",
    ToldVia.portal: "in the portal",
    ToldVia.not_yet: "not told yet",
}


class NewPromise(Window, Happening):
    """A window of arrival as the customer was told it."""

    told_via: ToldVia
    told_to: ShortText | None = Field(None, description="Who was told.")
    override: Override | None = None
    notify: bool = Field(
        False,
        description="Write to the customer now, with an invitation for their calendar. With"
        " `told_via` `not_yet` or `email` the ledger then says: by e-mail, to that address.",
    )


class Confirmation(Happening):
    """How the customer confirmed."""

    via: ToldVia

    @field_validator("via")
    @classmethod
    def _really(cls, via: ToldVia) -> ToldVia:
        if via is ToldVia.not_yet:
            raise ValueError("Name how the customer confirmed: phone, email, sms, …")
        return via


async def promise(ctx: Ctx, visit: Visit, new: NewPromise) -> None:
    """Tell a window: it replaces the one that stood, and a confirmation of that. The customer is
    written to when `notify` says so. Raises `Invalid` when there is no address then, and what `gating`
    says of the customer unless it is overruled by somebody who may."""
    visit.refuse_unless("promise")
    overruled = gating.let_pass(ctx, gating.of_customer(visit.work_order.customer), new.override)
    visit.moved_at = clock.now()
    window = new.between(visit.work_order.site.time_zone)
    if window is None:
        raise invalid_field("window_start", "Name the window.", code="missing")
    if window != (visit.promised_start, visit.promised_end):
        visit.confirmed_at = visit.confirmed_via = None
    told_via, told_to = new.told_via, new.told_to
    to = await invitations.reader(ctx, visit) if new.notify else None
    if to is not None and told_via in (ToldVia.not_yet, ToldVia.email):
        told_via, told_to = ToldVia.email, to
    await close(ctx, visit)
    await write(
        ctx,
        visit,
        window,
        told_via,
        told_to,
        reason=new.reason,
        at=new.occurred_at,
        said=gating.spoken(new.override, overruled),
    )
    if to is not None:
        await invitations.invite(ctx, visit, to)


async def write(
    ctx: Ctx,
    visit: Visit,
    window: tuple[datetime, datetime],
    told_via: ToldVia,
    told_to: str | None,
    *,
    reason: str | None = None,
    at: datetime | None = None,
    said: Mapping[str, Any] | None = None,
) -> None:
    """Write a row of the ledger and let the visit carry it. No promise stands at this moment."""
    zone = visit.work_order.site.time_zone
    start, end = window
    visit.promised_start, visit.promised_end = start, end
    await ctx.add(
        Promise(
            visit_id=visit.id,
            window_start=start,
            window_end=end,
            wall_start=wall.written(start, zone),
            wall_end=wall.written(end, zone),
            time_zone=zone,
            told_via=told_via,
            told_to=told_to,
            told_by_id=ctx.user_id,
            reason=reason,
        )
    )
    told = VIA[told_via] if told_to is None else f"{VIA[told_via]}, {told_to}"
    await tell(
        ctx,
        Fact.visit_promised,
        visit,
        occurred_at=at,
        window=local(visit, start, end),
        window_start=start,
        window_end=end,
        time_zone=zone,
        told=told,
        told_via=told_via.value,
        because=because(reason),
        **(said or gating.spoken(None, ())),
    )


async def close(ctx: Ctx, visit: Visit) -> None:
    """Close the promise that stands, if one does."""
    if visit.promise is not None and visit.promise.closed_at is None:
        visit.promise.closed_at = clock.now()
        await ctx.session.flush()  # before the next one is written: only one may stand


async def confirm(ctx: Ctx, visit: Visit, confirmation: Confirmation) -> None:
    """Note that the customer confirmed the visit."""
    visit.refuse_unless("confirm")
    visit.moved_at = clock.now()
    visit.confirmed_at = moment(visit, confirmation)
    visit.confirmed_via = confirmation.via
    await tell(
        ctx,
        Fact.visit_confirmed,
        visit,
        occurred_at=confirmation.occurred_at,
        via=VIA[confirmation.via],
        because=because(confirmation.reason),
    )
