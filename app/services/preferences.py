"""What a person likes to see: kept for them in each organisation, wherever they sign in.

What is kept is read back through the same shape. A field that came later, or one that says today what it
may not say, is as if nobody had chosen it.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.models.preferences import Preference
from app.services.board.asking import By
from app.services.context import Ctx
from app.services.inputs import Draft

BOARD = "board"
MOST_FIELDS = 4


class CardField(StrEnum):
    """What a visit says on the board beside the customer's name."""

    time = "time"
    duration = "duration"
    promised = "promised"
    job_type = "job_type"
    number = "number"
    city = "city"
    street = "street"
    phone = "phone"


def _once(fields: list[CardField]) -> list[CardField]:
    if len(set(fields)) < len(fields):
        raise ValueError("Name each field once.")
    return fields


class BoardPreferences(Draft):
    """How somebody likes the schedule board."""

    view: Literal["day", "week"] = Field("day", description="What it begins with.")
    by: By = Field(By.technicians, description="Whose lanes it begins with.")
    hours: int = Field(
        10, ge=4, le=24, description="So many hours are in sight at once where there is room."
    )
    first_hour: int | None = Field(
        None, ge=0, le=23, description="The hour at its left edge; null: where the work begins."
    )
    fields: Annotated[list[CardField], AfterValidator(_once)] = Field(
        [CardField.time],
        max_length=MOST_FIELDS,
        description="What a visit says beside the customer, as far as there is room, in this order.",
    )
    tray: bool = Field(True, description="Whether the tray stands beside it.")


async def board(ctx: Ctx) -> tuple[BoardPreferences, int]:
    """How this person likes the board, and which version of that it is; 0: nothing is kept."""
    kept = await _kept(ctx)
    if kept is None:
        return BoardPreferences(), 0
    try:
        return BoardPreferences.model_validate(kept.value), kept.version
    except ValidationError:
        return BoardPreferences(), kept.version


async def keep_board(ctx: Ctx, wanted: BoardPreferences) -> int:
    """Keep it whole, in place of what was kept; its version."""
    kept = {"value": wanted.model_dump(mode="json"), "kept_at": clock.now()}
    row = insert(Preference).values(
        org_id=ctx.org_id, member_id=ctx.user_id, screen=BOARD, version=1, **kept
    )
    told = await ctx.session.execute(
        row.on_conflict_do_update(
            index_elements=["org_id", "member_id", "screen"],
            set_={**kept, "version": Preference.version + 1},
        ).returning(Preference.version)
    )
    return told.scalar_one()


async def _kept(ctx: Ctx) -> Preference | None:
    return (
        await ctx.session.execute(
            select(Preference).where(
                Preference.member_id == ctx.user_id, Preference.screen == BOARD
            )
        )
    ).scalar_one_or_none()
