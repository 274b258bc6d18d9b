"""Numbers that people read: WO-1001, INV-1. Unique, and without a gap.

A number is taken from its counter's row, which stays locked until the transaction ends: whoever
comes next waits for the commit, and a rollback returns the number.
"""

from collections.abc import Sequence

from sqlalchemy import update

from app.models.organisations import Counter, Series
from app.services.context import Ctx


async def next_number(ctx: Ctx, series: Series, prefix: str | None = None) -> str:
    """The next number of `series`, with its prefix, or with a branch's own.

    All count together, and no prefix ends with a digit: no two numbers read the same.

    Take it as late as the verb allows: everybody else who needs one waits for this transaction.
    """
    return (await next_numbers(ctx, series, [prefix]))[0]


async def next_numbers(ctx: Ctx, series: Series, prefixes: Sequence[str | None]) -> list[str]:
    """As many numbers as prefixes, one after the other, in one step."""
    taken = (
        await ctx.session.execute(
            update(Counter)
            .where(Counter.series == series)
            .values(next=Counter.next + len(prefixes))
            .returning(Counter.prefix, Counter.next)
            .execution_options(synchronize_session=False)
        )
    ).one()
    first = taken.next - len(prefixes)
    return [
        f"{taken.prefix if prefix is None else prefix}{number}"
        for number, prefix in enumerate(prefixes, first)
    ]
