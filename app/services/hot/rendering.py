"""A record as the JSON that hot reads answer, inside a transaction of the ORM: for what was just written."""

from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, cast, func, select

from app.models.customers import Customer
from app.services.context import Ctx


async def customer_json(ctx: Ctx, customer: Customer) -> str | None:
    """The customer as its route shows it; None for whoever sees only some, where the route decides."""
    if not ctx.sees_all:
        return None
    ids: list[UUID] = [customer.id]
    rendered = func.system.customers_json(
        cast(ctx.org_id, Uuid),
        cast(ids, ARRAY(Uuid)),
        cast(sorted(ctx.permissions), ARRAY(Text)),
        type_=Text,
    )
    # the function names the organisation itself, so the session has nothing to add
    connection = await ctx.session.connection()
    return await connection.scalar(select(rendered))
