"""Commands of the board: noted as they are done, listed, undone and redone.

A command is noted by the edge, in the transaction that it is: every route that needs `NEEDED` is a
command, so that a new verb can be undone without a word about it. What is none says why in
`NO_COMMANDS`, and what is one all the same stands in `ALSO`; a rule of the suite holds them.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from app.core import clock
from app.core.errors import Conflict
from app.core.filters import Fields, filterable
from app.core.ids import new_id
from app.core.listing import Column, Filter, ListQuery
from app.models.bulk import BulkAction
from app.models.commands import Command
from app.models.members import Member
from app.models.permissions import Permission
from app.services.context import Ctx
from app.services.dispatching import commands_journal
from app.services.dispatching.commands_journal import Entry, Touched
from app.services.dispatching.commands_undoing import BOARD, redo, undo
from app.services.facts import in_words, sentence
from app.services.inputs import ShortText

__all__ = [
    "BOARD",
    "CommandQuery",
    "Shown",
    "note_batch",
    "noting",
    "of_bulk",
    "old",
    "redo",
    "shown",
    "take",
    "undo",
]

NEEDED = frozenset({Permission.dispatch_write, Permission.visits_reopen})
"""What routes need that are commands of the board."""
ALSO = frozenset({"call_back_work_order", "duplicate_work_order", "extend_visit"})
"""Operations that need something else and are commands all the same."""
NO_COMMANDS: Mapping[str, str] = {
    "undo_command": "undoes one: it is part of that command",
    "redo_command": "does one again: it is part of that command",
    "try_drop": "says what a drop would do, and takes it back",
    "propose_emergency": "says who could take one, and writes nothing",
}
"""Operations that need the same and are no commands, and why."""
KEPT = timedelta(days=7)
"""How long a command can be undone."""
MOST = 20_000
"""How many are kept of one organisation."""

SAID: Mapping[str, str] = {
    "visit.created": "Added a visit to {work_order}",
    "visit.changed": "Changed the visit of {work_order} ({fields})",
    "visit.promised": "Promised {work_order} for {window}",
    "visit.confirmed": "Noted that {work_order} is confirmed",
    "visit.scheduled": "Planned {work_order} for {planned}, {technicians}",
    "visit.moved": "Moved {work_order} to {planned}, {technicians}",
    "visit.resized": "Made {work_order} {minutes} minutes long",
    "visit.assigned": "Put {technicians} on {work_order}",
    "visit.swapped": "Swapped {work_order} with {other}",
    "visit.inserted": "Put {work_order} in for {planned}, {technicians}",
    "visit.split": "Split {work_order}: {minutes} and {rest} minutes",
    "visit.locked": "Locked {work_order} ({what})",
    "visit.unlocked": "Unlocked {work_order}",
    "visit.extended": "{work_order} takes until {until}",
    "visit.unscheduled": "Took {work_order} off the board",
    "visit.dispatched": "Dispatched {work_order} to {technicians}",
    "visit.recalled": "Recalled {work_order}",
    "visit.canceled": "Cancelled the visit of {work_order}",
    "visit.reopened": "Reopened the visit of {work_order}",
    "visit.deleted": "Deleted the visit of {work_order}",
    "visit.restored": "Brought back the visit of {work_order}",
    "event.created": "Set “{name}” for {when}",
    "event.changed": "Changed “{name}” ({fields})",
    "event.deleted": "Called “{name}” off",
    "event.restored": "Brought “{name}” back",
    "hold.created": "Held {when} for {name}",
    "hold.extended": "Held {when} for {name} longer",
    "hold.released": "Let go of {when}, held for {name}",
    "hold.booked": "Booked {when}, held for {name}",
    "day_note.added": "Wrote a note for {day}",
    "day_note.changed": "Changed a note for {day}",
    "day_note.deleted": "Deleted a note for {day}",
    "visit.customer_told": "Noted that the customer of {work_order} was told",
    "work_order.created": "Opened {name}",
    "work_order.called_back": "Opened {call_back} as a call-back of {name}",
}
"""What was done, for a line beside “Undo”; other facts say it in their own sentence."""


TOLD_BY: Mapping[str, str] = {
    "create_visit": "visit.created",
    "duplicate_visit": "visit.created",
    "duplicate_work_order": "work_order.created",
    "call_back_work_order": "work_order.called_back",
    "book_hold": "hold.booked",
    "book_slot": "visit.promised",
}
"""Operation → the fact that says what it did; others do something to visits that were there, or to
events, and the first such fact says it."""


def noting(
    operation: str, permission: Permission | None
) -> Callable[[Ctx], Awaitable[None]] | None:
    """What notes this operation as a command at the end of its transaction, in one statement however
    much it did; None where it is no command."""
    if permission is None or operation in NO_COMMANDS:
        return None
    if permission not in NEEDED and operation not in ALSO:
        return None

    async def note(ctx: Ctx) -> None:
        await commands_journal.record(
            ctx, id=new_id(), run_id=new_id(), operation=operation, permission=permission
        )

    return note


async def note_batch(ctx: Ctx, action: BulkAction, operation: str, permission: Permission) -> None:
    """Note this transaction, a batch of a bulk action, as a part of its one command."""
    statement = select(Command).where(Command.bulk_action_id == action.id)
    command = await ctx.session.scalar(statement)
    if command is None:
        command = await ctx.add(
            Command(
                operation=operation,
                permission=permission.value,
                asked_by_id=action.asked_by_id,
                request_id=ctx.request_id,
                bulk_action_id=action.id,
            )
        )
    await commands_journal.record_run(ctx, id=new_id(), command_id=command.id, step=0)


async def of_bulk(ctx: Ctx, action: BulkAction) -> Command:
    """The command of a bulk action, locked. Raises `Conflict` when it changed nothing, or so long ago
    that nobody undoes it."""
    command = await ctx.session.scalar(
        select(Command).where(Command.bulk_action_id == action.id).with_for_update(key_share=True)
    )
    if command is None:
        raise Conflict(
            "There is nothing to undo: it changed nothing, or more than a week ago.",
            code="not_undoable",
        )
    return command


class CommandQuery(ListQuery):
    """Filters and sorts of the list of commands."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": Command.created_at}
    FILTERS: ClassVar[Fields | None] = filterable(
        Command.id,
        Command.created_at,
        Command.operation,
        Command.asked_by_id,
        Command.request_id,
        Command.bulk_action_id,
        Command.stepped_at,
    )

    mine: bool = Field(False, description="Only what you did yourself.")
    request_id: Annotated[ShortText | None, Filter(Command.request_id)] = None


@dataclass(frozen=True)
class Why:
    """Why something cannot be undone or redone now."""

    code: str
    detail: str


@dataclass(frozen=True)
class Shown:
    """A command as somebody sees it."""

    command: Command
    sentence: str
    by: Member | None
    undone_by: Member | None
    possible: bool
    why_not: Why | None


async def shown(ctx: Ctx, commands: Sequence[Command]) -> list[Shown]:
    """Commands with what they did and whether they can be undone, in as many statements for one as
    for 200."""
    ids = [one.id for one in commands]
    facts = await commands_journal.facts(ctx, ids)
    touched = await commands_journal.touched(ctx, ids, list(BOARD))
    wanted = {one.asked_by_id for one in commands} | {one.stepped_by_id for one in commands}
    people = {
        one.id: one
        for one in await ctx.session.scalars(select(Member).where(Member.id.in_(wanted)))
    }
    actions = await ctx.session.scalars(
        select(BulkAction).where(BulkAction.id.in_([one.bulk_action_id for one in commands]))
    )
    bulk: dict[UUID | None, BulkAction] = {one.id: one for one in actions}
    return [
        _shown(ctx, one, _said(one, facts[one.id], bulk.get(one.bulk_action_id)), people, touched)
        for one in commands
    ]


def _shown(
    ctx: Ctx,
    command: Command,
    said: str,
    people: Mapping[UUID, Member],
    touched: Mapping[UUID, Touched],
) -> Shown:
    why_not = _why_not(ctx, command, touched.get(command.id))
    return Shown(
        command,
        said,
        people.get(command.asked_by_id) if command.asked_by_id else None,
        people.get(command.stepped_by_id) if command.stepped_by_id and command.step % 2 else None,
        why_not is None,
        why_not,
    )


def _why_not(ctx: Ctx, command: Command, touched: Touched | None) -> Why | None:
    if not ctx.may(Permission(command.permission)):
        return Why("not_allowed", f"Your role lacks the permission {command.permission}.")
    if command.asked_by_id != ctx.user_id and not ctx.may(Permission.dispatch_override):
        return Why("not_yours", "Somebody else did this.")
    if touched is not None:
        who = "You" if touched.by_id == ctx.user_id else touched.by_name or "The system"
        what = "changed a part of it" if touched.work_order is None else "put something into it"
        return Why("touched_since", f"{who} {what} after that.")
    return None


def _said(command: Command, facts: Sequence[Entry], action: BulkAction | None) -> str:
    if action is not None:
        done = action.rows_changed + action.rows_restored
        return f"{action.action.capitalize()}: {done} {action.list if done != 1 else 'visit'}"
    if not facts:
        return "Changed something on the board"
    told = [one for one in facts if one.entity in ("visit", "event")]
    named = [one for one in facts if one.action == TOLD_BY.get(command.operation)]
    first = [*named, *(one for one in told if one.action != "visit.created"), *facts][0]
    others = {one.entity_id for one in told if one.action == first.action} - {first.entity_id}
    both = first.action == "visit.swapped"  # the sentence names the two
    more = f", and {len(others)} more" if others and not both else ""
    data: dict[str, Any] = dict(first.changes)
    if "fields" in data:
        data["fields"] = in_words(str(data["fields"]))
    if (template := SAID.get(first.action)) is not None:
        return template.format_map(_Data(data)) + more
    said = sentence(first.action, data)
    number = data.get("work_order")
    return f"{number}: {said}{more}" if number else f"{said}{more}"


class _Data(dict[str, Any]):
    """Data for a sentence; what an entry does not carry reads as nothing."""

    def __missing__(self, key: str) -> str:
        return ""


async def take(ctx: Ctx, command_id: UUID) -> Command:
    """A command that this person sees, locked. Raises `NotFound`."""
    return await ctx.get(Command, command_id, lock=True)


async def old(ctx: Ctx, most: int) -> list[UUID]:
    """Commands that have had their time, or are too many; at most so many."""
    aged = await ctx.session.scalars(
        select(Command.id)
        .where(Command.created_at < clock.now() - KEPT)
        .order_by(Command.created_at, Command.id)
        .limit(most)
    )
    ids = list(aged)
    if ids:
        return ids
    count = await ctx.session.scalar(select(func.count()).select_from(Command)) or 0
    if count <= MOST:
        return []
    oldest = await ctx.session.scalars(
        select(Command.id).order_by(Command.created_at, Command.id).limit(min(most, count - MOST))
    )
    return list(oldest)
