"""Asking for a bulk action, stopping it, and asking for it to be taken back."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import Select

from app.core import filters
from app.core.errors import Conflict, FieldError, Invalid, NotFound, invalid_field
from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.models.bulk import BulkAction, BulkOutcome, BulkRow, BulkStatus
from app.services import jobs
from app.services.bulk.actions import MOST, Action, BulkParams, action_called, params_of
from app.services.bulk.doing import DO, UNDO
from app.services.context import Ctx, called
from app.services.dispatching import commands
from app.services.finding import Lists, clock_of, fields_of, list_called
from app.services.inputs import Draft, ShortText, Zone

Ids = Annotated[list[UUID], Field(min_length=1, max_length=MOST)]


class BulkDraft(Draft):
    """One verb for many records: those that meet a filter, or those that are named."""

    list: ShortText = Field(examples=["customers"])
    action: ShortText = Field(examples=["change"])
    params: BulkParams = Field(default_factory=BulkParams, examples=[{"stage": "former"}])
    filter: dict[str, Any] | None = Field(
        None,
        description="Conditions as in `filter=` of the list.",
        examples=[{"field": "created_at", "op": "lt", "value": "-5y"}],
    )
    filter_zone: Zone | None = None
    ids: Ids | None = None


class BulkQuery(ListQuery):
    """Filters and sorts of the list of bulk actions."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": BulkAction.created_at}
    FILTERS: ClassVar[Fields | None] = filterable(
        BulkAction.id,
        BulkAction.created_at,
        BulkAction.list,
        BulkAction.action,
        BulkAction.status,
        BulkAction.rows,
        BulkAction.rows_refused,
        BulkAction.asked_by_id,
        BulkAction.finished_at,
    )

    list: Annotated[ShortText | None, Filter(BulkAction.list)] = None
    status: Annotated[BulkStatus | None, Filter(BulkAction.status)] = None


class BulkRowQuery(ListQuery):
    """Filters and sorts of what became of the records."""

    SORTS: ClassVar[dict[str, Column]] = {"position": BulkRow.position}
    DEFAULT_SORT: ClassVar[str] = "position"
    FILTERS: ClassVar[Fields | None] = filterable(
        BulkRow.position, BulkRow.record_id, BulkRow.outcome, BulkRow.code, BulkRow.reason
    )

    outcome: Annotated[BulkOutcome | None, Filter(BulkRow.outcome)] = None


async def matching(ctx: Ctx, draft: BulkDraft, lists: Lists) -> list[UUID]:
    """The records it would be done to, after everything that can be refused now has been.

    Raises `Invalid` for an unknown list, action, parameter or filter, for nothing or too many
    records, and `Forbidden` for a verb that is not the person's.
    """
    action = _checked(ctx, draft, lists)
    if draft.ids is not None:
        named = list(dict.fromkeys(draft.ids))
        if len(named) > action.most:
            detail = f"At most {action.most:,} {draft.list} at once."
            raise invalid_field("ids", detail, code="too_many_rows")
        return await _named(ctx, action, named)
    found = await ctx.session.scalars(await _targets(ctx, draft, action, lists))
    ids: list[UUID] = list(found)
    if len(ids) > action.most:
        detail = f"The filter meets more than {action.most:,} records. Narrow it."
        raise invalid_field("filter", detail, code="too_many_rows")
    if not ids:
        raise invalid_field("filter", "The filter meets no record.", code="nothing")
    return ids


async def _named(ctx: Ctx, action: Action, ids: list[UUID]) -> list[UUID]:
    """These, all of which are there. Raises `NotFound` about the first that is not."""
    model = action.model
    there = ctx.select(model).with_only_columns(model.id).where(model.id.in_(ids))
    found = set(await ctx.session.scalars(there))
    for place, one in enumerate(ids):
        if one not in found:
            detail = f"There is no such {called(model)}."
            raise NotFound(detail, errors=[FieldError(f"/ids/{place}", "not_found", detail)])
    return ids


def _checked(ctx: Ctx, draft: BulkDraft, lists: Lists) -> Action:
    listed = list_called(lists, draft.list)
    action = action_called(draft.list, draft.action)
    ctx.require(action.permission)
    if listed.permission is not None:
        ctx.require(listed.permission)
    params_of(action, draft.params.given())
    if (draft.filter is None) == (draft.ids is None):
        raise Invalid("Say which records: either filter or ids.", code="which_records")
    return action


async def _targets(ctx: Ctx, draft: BulkDraft, action: Action, lists: Lists) -> Select[Any]:
    fields = fields_of(ctx, lists[draft.list].query)
    tree = filters.build(draft.filter, fields, await clock_of(ctx, draft.filter_zone))
    statement = ctx.select(action.model).where(filters.condition(tree))
    return (
        statement.with_only_columns(action.model.id)
        .order_by(action.model.id)
        .limit(action.most + 1)
    )


async def ask(ctx: Ctx, draft: BulkDraft, lists: Lists) -> BulkAction:
    """Have it done after the commit, in this person's name. Raises as `matching` does."""
    ids = await matching(ctx, draft, lists)
    asked = await ctx.add(
        BulkAction(
            list=draft.list,
            action=draft.action,
            params=draft.params.given(),
            ids=ids,
            rows=len(ids),
            asked_by_id=ctx.user_id,
        )
    )
    await jobs.ask(ctx, DO, asked)
    return asked


async def cancel(ctx: Ctx, asked: BulkAction) -> BulkAction:
    """Stop before the next batch; what is done stays, and can be undone. `asked` is locked."""
    if asked.status not in (BulkStatus.queued, BulkStatus.running):
        raise Conflict(
            f"This bulk action is {asked.status}; there is nothing left to stop.", code="ended"
        )
    asked.cancel_asked = True
    return asked


async def undo(ctx: Ctx, asked: BulkAction) -> BulkAction:
    """Have every record that nobody has changed since given back what it held. `asked` is locked.
    What was done on the board is undone at once, all of it or nothing.

    Raises `Conflict` while it runs, when it was undone before, and for a verb that is not taken
    back; `Forbidden` for one that is not the person's.
    """
    action = action_called(asked.list, asked.action)
    ctx.require(action.permission)
    if action.command is not None:
        await commands.undo(ctx, await commands.of_bulk(ctx, asked))
        return asked
    if action.restore is None:
        raise Conflict(
            f"“{asked.action}” is not undone in bulk: use the opposite verb on the records.",
            code="not_undoable",
        )
    if asked.status not in (BulkStatus.completed, BulkStatus.canceled, BulkStatus.failed):
        raise Conflict(f"This bulk action is {asked.status}.", code="not_ended")
    asked.status = BulkStatus.undoing
    await jobs.ask(ctx, UNDO, asked)
    return asked
