"""What a list's `filter` means: its days are the organisation's, or of the zone that was named."""

from sqlalchemy import ColumnElement

from app.core import clock, filters
from app.core.listing import ListQuery
from app.models.sensitive import hidden
from app.services.context import Ctx


async def meant(ctx: Ctx, query: ListQuery) -> ColumnElement[bool]:
    """The condition of `query.filter`, which was given. Raises `Invalid` with a pointer into it."""
    assert query.filter is not None
    fields = fields_of(ctx, type(query))
    return filters.condition(
        filters.read(query.filter, fields, await clock_of(ctx, query.filter_zone))
    )


def fields_of(ctx: Ctx, query: type[ListQuery]) -> filters.Fields:
    """The fields that this person may filter the list by: those that they see."""
    return {
        name: field
        for name, field in query.filterable().items()
        if field.column is None or field.column.key not in hidden(field.column.class_, ctx.may)
    }


async def clock_of(ctx: Ctx, zone: str | None = None) -> filters.Clock:
    """What relative dates are relative to."""
    return filters.Clock(clock.now(), zone or (await ctx.organisation()).time_zone)
