"""The tags that rows name: found or made for a batch, and put on its records at the end.

A tag that is not there yet is made where the sender may make tags; otherwise the row is refused and
the tag named. Tags are only added: a list that does not name one takes none away.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core.contacts import person_sort_name
from app.models.permissions import Permission
from app.models.tags import RECORDS, Tag, Tagging, TagOn
from app.services import tags
from app.services.context import Ctx
from app.services.imports.kinds.base import Issue, Kind, Refused, Taken, Touches
from app.services.tags import TagDraft

MOST = 20_000
"""Tags on the records of one batch."""


class Labels:
    """The tags of a run, one batch after the other."""

    def __init__(self, kind: Kind) -> None:
        found = (on for on, model in RECORDS.items() if model is kind.model)
        self._on: TagOn | None = next(found, None)
        self._tags: dict[str, Tag] = {}
        self._worn: dict[UUID, set[UUID]] = {}
        self._wanted: dict[UUID, list[UUID]] = defaultdict(list)

    async def meet(
        self, ctx: Ctx, rows: Sequence[Taken], present: Mapping[str, Sequence[Any]]
    ) -> dict[int, Issue]:
        """Find the tags of these rows, make those that are missing; the rows that cannot have
        theirs, by number, and why."""
        self._wanted.clear()
        self._worn = defaultdict(set)
        named: dict[str, str] = {}
        for name in (name for row in rows for name in row.beside.get("tags", ())):
            named.setdefault(person_sort_name(name), name)  # as it was written first
        if self._on is None or not named:
            return {}
        found = ctx.select(Tag).where(Tag.entity == self._on, Tag.sort_name.in_(named))
        self._tags = {tag.sort_name: tag for tag in await ctx.session.scalars(found)}
        if ctx.may(Permission.tags_write):
            for sort_name in named.keys() - self._tags.keys():
                draft = TagDraft(entity=self._on, name=named[sort_name])
                self._tags[sort_name] = await tags.create(ctx, draft)
        ids = [record.id for same in present.values() for record in same]
        if ids:
            worn = select(Tagging.entity_id, Tagging.tag_id).where(Tagging.entity_id.in_(ids))
            for entity_id, tag_id in await ctx.session.execute(worn.limit(MOST)):
                self._worn[entity_id].add(tag_id)
        return {row.row: issue for row in rows if (issue := self._missing(row)) is not None}

    def _missing(self, row: Taken) -> Issue | None:
        for name in row.beside.get("tags", ()):
            if person_sort_name(name) not in self._tags:
                reason = f"There is no tag “{name}”, and your role makes no tags. Ask for it first."
                return row.issue(Refused("no_tag", reason, "tags"))
        return None

    def put_on(self, row: Taken, record: Any, touches: Touches, *, new: bool) -> bool:
        """Note that the record gets the row's tags; whether it lacked any."""
        wanted = [self._tags[person_sort_name(name)].id for name in row.beside.get("tags", ())]
        lacking = [tag_id for tag_id in wanted if tag_id not in self._worn.get(record.id, ())]
        for tag_id in lacking:
            self._wanted[tag_id].append(record.id)
        if lacking and not new:
            touches.noted(row, record, {"tagged": [str(tag_id) for tag_id in lacking]})
        return bool(lacking)

    async def finish(self, ctx: Ctx) -> None:
        """Put the tags on, when the records are written. Raises as `tags.attach` does."""
        wanted, self._wanted = self._wanted, defaultdict(list)
        by_id = {tag.id: tag for tag in self._tags.values()}
        for tag_id, ids in wanted.items():
            await tags.attach(ctx, by_id[tag_id], ids)
