"""Holds on a customer: no credit, or no service at all. Each is put on with a reason and taken off.

A hold refuses new bookings (`visits.gating`); what is booked already stands, and shows the banner.
"""

from pydantic import Field

from app.core import clock
from app.core.errors import Conflict
from app.models.customers import Customer
from app.services.context import Ctx
from app.services.facts import Fact, emit
from app.services.inputs import Draft, Reason


class Hold(Draft):
    """Why it is put on."""

    reason: Reason


class Release(Draft):
    """Why it is taken off, if there is something to say."""

    reason: Reason | None = Field(None, examples=["Paid in full."])


async def hold_credit(ctx: Ctx, customer: Customer, hold: Hold) -> None:
    """Put the customer on credit hold; `customer` is locked. Raises `Conflict` when they are."""
    if customer.credit_held_at is not None:
        raise _there_already(customer, "on credit hold", customer.credit_hold_reason)
    customer.credit_held_at, customer.credit_held_by_id = clock.now(), ctx.user_id
    customer.credit_hold_reason = hold.reason
    await _say(ctx, Fact.customer_credit_held, customer, hold.reason)


async def release_credit(ctx: Ctx, customer: Customer, release: Release) -> None:
    """Take the credit hold off. Raises `Conflict` when there is none."""
    if customer.credit_held_at is None:
        raise Conflict(f"{customer.name} is not on credit hold.", code="not_on_hold")
    customer.credit_held_at = customer.credit_held_by_id = customer.credit_hold_reason = None
    await _say(ctx, Fact.customer_credit_released, customer, release.reason)


async def stop_service(ctx: Ctx, customer: Customer, hold: Hold) -> None:
    """Serve the customer no more. Raises `Conflict` when that has been said already."""
    if customer.service_stopped_at is not None:
        raise _there_already(customer, "not to be served", customer.service_stop_reason)
    customer.service_stopped_at, customer.service_stopped_by_id = clock.now(), ctx.user_id
    customer.service_stop_reason = hold.reason
    await _say(ctx, Fact.customer_service_stopped, customer, hold.reason)


async def resume_service(ctx: Ctx, customer: Customer, release: Release) -> None:
    """Serve the customer again. Raises `Conflict` when nobody stopped it."""
    if customer.service_stopped_at is None:
        raise Conflict(f"{customer.name} is served as it is.", code="not_on_hold")
    customer.service_stopped_at = customer.service_stopped_by_id = None
    customer.service_stop_reason = None
    await _say(ctx, Fact.customer_service_resumed, customer, release.reason)


def _there_already(customer: Customer, state: str, reason: str | None) -> Conflict:
    return Conflict(f"{customer.name} is {state} already: {reason}.", code="already_on_hold")


async def _say(ctx: Ctx, fact: Fact, customer: Customer, reason: str | None) -> None:
    because = f": {reason}" if reason else ""
    await emit(ctx, fact, customer, name=customer.name, reason=reason, because=because)
