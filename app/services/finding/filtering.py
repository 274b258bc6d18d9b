"""What a list's `filter` means: its days are the organisation's, or of the zone that was named."""

from sqlalchemy import ColumnElement

from app.core import clock, filters
from app.core.listing import ListQuery
from app.services.context import Ctx


async def meant(ctx: Ctx, query: ListQuery) -> ColumnElement[bool]:
    """The condition of `query.filter`, which was given. Raises `Invalid` with a pointer into it."""
    assert query.filter is not None
    tree = filters.read(query.filter, query.filterable(), await clock_of(ctx, query.filter_zone))
    return filters.condition(tree)


async def clock_of(ctx: Ctx, zone: str | None = None) -> filters.Clock:
    """What relative dates are relative to."""
    return filters.Clock(clock.now(), zone or (await ctx.organisation()).time_zone)
