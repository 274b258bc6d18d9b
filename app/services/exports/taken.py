"""Lists that are taken at once, as a table: who took which is told as it is of exports."""

from app.core.tables import Format
from app.models.members import Member
from app.services.context import Ctx
from app.services.facts import Fact, emit


async def tell(ctx: Ctx, path: str, shape: Format, rows: int) -> None:
    """Tell in the story of whoever asks that they took the list at `path` with so many rows."""
    assert ctx.user_id is not None  # somebody asked for it
    member = await ctx.get(Member, ctx.user_id)
    called = path.rpartition("/")[2].replace("-", " ")
    await emit(
        ctx,
        Fact.member_took_table,
        member,
        name=member.name,
        list=called,
        format=shape,
        rows=rows,
        path=path,
    )
