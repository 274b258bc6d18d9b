"""`/api/v2/commands`: what was done on the board, and undoing and redoing it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.deps import allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, Out, PageOut, Record
from app.api.problems import answers
from app.api.v2 import events as event_routes
from app.api.v2.events import EventOut
from app.api.v2.visits import outputs as visit_outputs
from app.api.v2.visits.outputs import VisitOut
from app.models.commands import Command
from app.models.permissions import Permission
from app.services.context import Ctx
from app.services.dispatching import commands
from app.services.dispatching.commands import CommandQuery, Shown
from app.services.dispatching.commands_undoing import Undone

router = APIRouter(
    prefix="/api/v2/commands", tags=["board"], route_class=Edge, responses=answers(401, 403)
)
Writer = Annotated[Ctx, allowed(Permission.dispatch_write)]


class DoerOut(Out):
    id: UUID
    name: str


class WhyNotOut(Out):
    code: str = Field(examples=["touched_since"])
    detail: str


class CommandOut(Record):
    """Something that was done on the board. It can be undone for seven days."""

    operation: str = Field(description="The operation of this API, such as `schedule_visit`.")
    sentence: str = Field(examples=["Moved WO-1042 to Tue 24 Nov, 10:00–11:00, Ana Diaz"])
    asked_by: DoerOut | None = Field(description="Who did it; None: the system.")
    request_id: str = Field(description="The `X-Request-ID` of the reply to it.")
    bulk_action_id: UUID | None
    undone: bool = Field(description="It is undone now.")
    undone_at: Instant | None
    undone_by: DoerOut | None
    can_undo: bool = Field(description="You may undo it, and nobody has touched its records since.")
    can_redo: bool = Field(description="It is undone, and you may do it again.")
    why_not: WhyNotOut | None = Field(description="Why neither is possible.")


class LeftOut(Out):
    kind: str = Field(examples=["mail"])
    detail: str


class UndoneOut(Out):
    """What became of it."""

    command: CommandOut
    visits: list[VisitOut] = Field(description="The visits of it as they are now.")
    events: list[EventOut]
    not_taken_back: list[LeftOut] = Field(
        description="What had left the house already: mails, what somebody has seen."
    )


def _out(one: Shown) -> CommandOut:
    command, undone = one.command, one.command.step % 2 == 1
    return CommandOut.model_validate(
        {
            "id": command.id,
            "version": command.version,
            "created_at": command.created_at,
            "updated_at": command.updated_at,
            "operation": command.operation,
            "sentence": one.sentence,
            "asked_by": one.by,
            "request_id": command.request_id,
            "bulk_action_id": command.bulk_action_id,
            "undone": undone,
            "undone_at": command.stepped_at if undone else None,
            "undone_by": one.undone_by,
            "can_undo": one.possible and not undone,
            "can_redo": one.possible and undone,
            "why_not": one.why_not,
        }
    )


@shows(Command)
async def show(ctx: Ctx, command_id: UUID) -> CommandOut:
    """The command as this caller sees it."""
    command = await ctx.get(Command, command_id, fresh=True)
    return _out((await commands.shown(ctx, [command]))[0])


async def _undone(ctx: Ctx, command_id: UUID, done: Undone) -> UndoneOut:
    return UndoneOut(
        command=await show(ctx, command_id),
        visits=await visit_outputs.of_ids(ctx, done.visit_ids),
        events=await event_routes.of_ids(ctx, done.event_ids),
        not_taken_back=[LeftOut.model_validate(one) for one in done.left],
    )


@router.get("", operation_id="list_commands", summary="List commands", responses=answers(400, 422))
async def list_commands(
    ctx: Writer, query: Annotated[CommandQuery, Query()], page: Pages
) -> PageOut[CommandOut]:
    """What was done on the board, newest first, and whether you can undo it now."""
    mine = [Command.asked_by_id == ctx.user_id] if query.mine else []
    found = await page(Command, query, where=mine)
    return PageOut(
        data=[_out(one) for one in await commands.shown(ctx, found.data)],
        next_cursor=found.next_cursor,
        total=found.total,
    )


@router.get(
    "/{id}", operation_id="get_command", summary="Get a command", responses=answers(404, 422)
)
async def get_command(ctx: Writer, id: UUID) -> CommandOut:
    """One command."""
    return await show(ctx, id)


@router.post(
    "/{id}/undo",
    operation_id="undo_command",
    summary="Undo a command",
    responses=answers(404, 409, 422),
)
async def undo_command(ctx: Writer, id: UUID) -> UndoneOut:
    """Put everything back as it was before it, or nothing: 409 `touched_since` names who has changed
    which record (`record`, `by`, `at`) after it, 409 `double_booking` who has the time by now. Others'
    commands need `dispatch:override`."""
    done = await commands.undo(ctx, await commands.take(ctx, id))
    return await _undone(ctx, id, done)


@router.post(
    "/{id}/redo",
    operation_id="redo_command",
    summary="Redo a command that was undone",
    responses=answers(404, 409, 422),
)
async def redo_command(ctx: Writer, id: UUID) -> UndoneOut:
    """Do again what was undone; as undoing. No mail is written a second time."""
    done = await commands.redo(ctx, await commands.take(ctx, id))
    return await _undone(ctx, id, done)
