"""Saved views: the verbs, and what a view adds to the list it is used on.

A view is checked against the grammar of its list when it is saved, with the rights of whoever saves
it, and again whenever it is used, with the rights of whoever uses it.
"""

import json
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement

from app.core import clock, filters
from app.core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, invalid_field
from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.models.permissions import Permission
from app.models.saved_views import SavedView, Sharing
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.finding.filtering import clock_of, fields_of
from app.services.finding.lists import Listed, Lists, list_called
from app.services.identity import roles
from app.services.inputs import Draft, Name, Patch, ShortText

Tree = Annotated[
    dict[str, Any],
    Field(
        description="Conditions as in `filter=` of the list.",
        examples=[{"field": "created_at", "op": "gte", "value": "-7d"}],
    ),
]
Columns = Annotated[list[ShortText], Field(min_length=1, max_length=100)]
SORT = r"^-?[a-z_]{1,59}$"


class SavedViewDraft(Draft):
    """A new view."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    list: ShortText = Field(description="The list it is of.", examples=["customers"])
    name: Name
    filter: Tree | None = None
    sort: str | None = Field(None, max_length=60, pattern=SORT, examples=["-created_at"])
    columns: Columns | None = None
    shared: Sharing = Sharing.private
    role_id: UUID | None = None


class SavedViewPatch(Patch):
    """Changes to a view; null empties what may be empty."""

    name: Name = ""
    filter: Tree | None = None
    sort: str | None = Field(None, max_length=60, pattern=SORT, examples=["-created_at"])
    columns: Columns | None = None
    shared: Sharing = Sharing.private
    role_id: UUID | None = None


class SavedViewQuery(ListQuery):
    """Filters and sorts of the list of saved views."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": SavedView.created_at,
        "name": SavedView.name,
    }
    DEFAULT_SORT: ClassVar[str] = "name"
    FILTERS: ClassVar[Fields | None] = filterable(
        SavedView.id,
        SavedView.created_at,
        SavedView.updated_at,
        SavedView.list,
        SavedView.name,
        SavedView.shared,
        SavedView.role_id,
        SavedView.owner_id,
        SavedView.deleted_at,
    )

    list: Annotated[ShortText | None, Filter(SavedView.list)] = None
    shared: Annotated[Sharing | None, Filter(SavedView.shared)] = None
    owner_id: Annotated[UUID | None, Filter(SavedView.owner_id)] = None


async def create(ctx: Ctx, draft: SavedViewDraft, lists: Lists) -> SavedView:
    """Save a view of one's own. Raises `Invalid` for what its list does not know, `Forbidden` for a
    list one may not read or a sharing one may not do, `Conflict` for a name one has used."""
    view = SavedView(owner_id=ctx.user_id, **draft.model_dump(exclude_none=True))
    await _check(ctx, view, list_called(lists, draft.list))
    await ctx.add(view)
    await emit(ctx, Fact.saved_view_created, view, name=view.name)
    return view


async def change(ctx: Ctx, view: SavedView, patch: SavedViewPatch, lists: Lists) -> SavedView:
    """Change one's own view. Raises as `create` does; `Forbidden` for somebody else's."""
    _refuse_others(ctx, view)
    for name, value in patch.given().items():
        setattr(view, name, value)
    if view.shared != Sharing.role and "role_id" not in patch.model_fields_set:
        view.role_id = None
    fields = changed(view)
    if fields:
        with ctx.session.no_autoflush:
            await _check(ctx, view, list_called(lists, view.list))
        await emit(ctx, Fact.saved_view_changed, view, name=view.name, fields=", ".join(fields))
    return view


async def delete(ctx: Ctx, view: SavedView) -> None:
    """Take one's own view away. Raises `Forbidden` for somebody else's."""
    _refuse_others(ctx, view)
    view.deleted_at = clock.now()
    await emit(ctx, Fact.saved_view_deleted, view, name=view.name)


async def restore(ctx: Ctx, view: SavedView) -> SavedView:
    """Bring it back. Raises `Conflict` when it is not deleted."""
    _refuse_others(ctx, view)
    if view.deleted_at is None:
        raise Conflict("This view is not deleted.", code="not_deleted")
    view.deleted_at = None
    await emit(ctx, Fact.saved_view_restored, view, name=view.name)
    return view


def _refuse_others(ctx: Ctx, view: SavedView) -> None:
    if view.owner_id != ctx.user_id:
        raise Forbidden("This view is somebody else's. Save a copy of your own.", code="not_yours")


async def _check(ctx: Ctx, view: SavedView, listed: Listed) -> None:
    if listed.permission is not None:
        ctx.require(listed.permission)
    if view.shared != Sharing.private:
        ctx.require(Permission.saved_views_share)
    if (view.shared == Sharing.role) != (view.role_id is not None):
        detail = "Name the role a view is shared with, and only then: shared “role” and role_id."
        raise invalid_field("role_id", detail, code="role_id")
    if view.role_id is not None:
        await _role(ctx, view.role_id)
    if view.filter is not None:
        size = len(json.dumps(view.filter))
        if size > filters.LONGEST:
            detail = f"The filter has {size} bytes; at most {filters.LONGEST} are kept."
            raise invalid_field("filter", detail, code="too_long")
        filters.build(view.filter, fields_of(ctx, listed.query), await clock_of(ctx))
    known = listed.query.SORTS
    if view.sort is not None and view.sort.removeprefix("-") not in known:
        detail = f"“{view.sort}” is no sort of {listed.name}. Use: {', '.join(sorted(known))}."
        raise invalid_field("sort", detail, code="unknown_sort")
    for place, column in enumerate(view.columns or ()):
        if column not in listed.columns:
            detail = f"“{column}” is no field of {listed.name}."
            raise invalid_field(f"columns/{place}", detail, code="unknown_column")


async def _role(ctx: Ctx, role_id: UUID) -> None:
    try:
        await roles.role(ctx, role_id)
    except NotFound as error:
        raise NotFound(
            error.detail, errors=[FieldError("/role_id", "not_found", error.detail)]
        ) from error


async def applied(
    ctx: Ctx, query: ListQuery, list_name: str
) -> tuple[ListQuery, list[ColumnElement[bool]], SavedView]:
    """The query as its view completes it, the view's conditions, and the view.

    What the query itself says stays: its sort wins, its filter narrows further. Raises `NotFound`
    for a view one does not see, `Invalid` for one of another list, or one that has outlived it.
    """
    assert query.view is not None
    view = await ctx.get(SavedView, query.view, pointer="?view")
    if view.list != list_name:
        detail = f"The view “{view.name}” is of {view.list}, not of {list_name}."
        raise Invalid(detail, errors=[FieldError("?view", "other_list", detail)])
    conditions = []
    if view.filter is not None:
        fields = fields_of(ctx, type(query))
        try:
            tree = filters.build(
                view.filter, fields, await clock_of(ctx, query.filter_zone), at="?view/filter"
            )
        except Invalid as error:
            raise _outdated(view, error.errors[0]) from error
        conditions.append(filters.condition(tree))
    if view.sort is not None and view.sort.removeprefix("-") not in query.SORTS:
        raise _outdated(view, FieldError("?view/sort", "unknown_sort", f"{view.sort} is no sort."))
    return query.completed(view.sort, f"{view.id} {view.version}"), conditions, view


def _outdated(view: SavedView, error: FieldError) -> Invalid:
    return Invalid(
        f"The view “{view.name}” names what this list does not have, or not for you:"
        f" {error.detail} Change the view.",
        code="view_outdated",
        errors=[error],
    )
