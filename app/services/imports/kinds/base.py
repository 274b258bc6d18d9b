"""What a kind of list is: the fields a row may give, how a row finds its record, what it becomes.

A kind says what a row means (`understand`, which asks nobody); its hand does it (`Hand`, one for a
run), through the verbs that people use, so that nothing is imported that a person would be refused.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import inspect

from app.core.model import TenantModel
from app.models.imports import ImportKind
from app.models.permissions import Permission
from app.services.context import Ctx

SECRET = frozenset({"gate_code"})
"""What not everybody who may see the record may see: no preview shows it."""
NUMBERED = 50
"""Rows of a transaction that takes numbers: whoever else needs one waits until they are written."""
NO_KEY = "none"
"""Every row makes a new record."""


@dataclass(frozen=True, slots=True)
class Field:
    """What a column can be read as."""

    name: str
    label: str
    """For people: what goes into it."""
    aliases: tuple[str, ...] = ()
    """Headings that mean it, the likeliest first; `name` itself always does."""


@dataclass(frozen=True, slots=True)
class Key:
    """A way for a row to find the record that it is about."""

    name: str
    targets: tuple[str, ...]
    """The columns it is made of; the file has to have each of them."""
    column: str | None = None
    """The record's column that equals it; None: the kind looks it up in its own way."""


@dataclass(frozen=True, slots=True)
class Want:
    """Without one of these columns nothing can become of a file."""

    targets: tuple[str, ...]
    otherwise: str
    """What is said to whoever has none of them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the organisation writes without saying it."""

    country: str
    currency: str
    time_zone: str
    today: date


@dataclass(frozen=True, slots=True)
class Issue:
    """What a person should know about a row; `error` means that it was not taken."""

    row: int
    line: int
    column: str | None
    code: str
    reason: str
    severity: str = "error"
    entity: str | None = None
    record_id: UUID | None = None
    """The record it is about, such as the one that a duplicate resembles."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A row that makes sense: the fields that it gives, checked and normalised."""

    row: int
    line: int
    key: str | None
    """What finds its record again, in the form in which records keep it."""
    record: dict[str, Any]
    """Fields of the record it becomes."""
    beside: dict[str, Any] = field(default_factory=dict)
    """What else the row says: a customer's site, or how it names the records it belongs to."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """The file's own word for each target."""

    def issue(self, refused: "Refused") -> Issue:
        """Why the row cannot be taken after all."""
        columns = (self.columns[target] for target in refused.targets if target in self.columns)
        return Issue(self.row, self.line, next(columns, None), refused.code, refused.reason)


class Refused(Exception):
    """A row cannot be taken after all; nothing of it is."""

    def __init__(self, code: str, reason: str, *targets: str) -> None:
        super().__init__(reason)
        self.code, self.reason, self.targets = code, reason, targets


class Reading:
    """One row while it is understood; gathers everything that is wrong with it."""

    def __init__(
        self, row: int, line: int, targets: Mapping[str, str | None], *, ours: bool = False
    ) -> None:
        self.row, self.line, self._targets = row, line, targets
        self.ours = ours
        """Whether it is a row of our own export, whose words mean what they mean here."""
        self.issues: list[Issue] = []

    def heading(self, *targets: str) -> str | None:
        """The file's own word for the first of these that a column is read as."""
        for target in targets:
            for heading, read_as in self._targets.items():
                if read_as == target:
                    return heading
        return None

    def refuse(self, code: str, reason: str, *targets: str) -> None:
        """Say what is wrong, and in which column."""
        self.issues.append(Issue(self.row, self.line, self.heading(*targets), code, reason))

    @contextmanager
    def of(self, *targets: str) -> Iterator[None]:
        """What cannot be read of these columns is refused in the words of the ValueError."""
        try:
            yield
        except ValueError as error:
            self.refuse("value_error", str(error), *targets)

    def explain(
        self,
        error: ValidationError,
        called: Mapping[str, tuple[str, ...]],
        *,
        thing: str,
    ) -> None:
        """Say what a draft says; `called` tells which targets make each of its fields."""
        for one in error.errors():
            said = str(one["loc"][0]) if one["loc"] else ""
            targets = called.get(said, (said,))
            code, message = str(one["type"]), str(one["msg"]).removeprefix("Value error, ")
            if code == "missing":
                message = f"The {targets[0].replace('_', ' ')} is missing. {thing} needs one"
            self.refuse(code, message if message.endswith(".") else f"{message}.", *targets)


class Touches:
    """What a batch has made and changed, with the values before, for whoever takes it back."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, TenantModel, dict[str, Any] | None]] = []

    def made(self, row: Taken, record: TenantModel) -> None:
        """The row made this record."""
        self._rows.append((row.row, record, None))

    async def changed(self, row: Taken, record: TenantModel, verb: Awaitable[object]) -> bool:
        """Await the verb that changes `record`; whether anything was different."""
        before = _columns(record)
        await verb
        after = _columns(record)
        was = {name: value for name, value in before.items() if after[name] != value}
        if was:
            self._rows.append((row.row, record, {name: _plain(was[name]) for name in was}))
        return bool(was)

    def noted(self, row: Taken, record: TenantModel, before: dict[str, Any]) -> None:
        """Something beside the record's columns was changed; `before` says how to take it back."""
        self._rows.append((row.row, record, before))

    def mark(self) -> int:
        """A moment to go `back_to`."""
        return len(self._rows)

    def back_to(self, mark: int) -> None:
        """Forget what was touched since."""
        del self._rows[mark:]

    def told(self) -> list["Touched"]:
        """All of it, row by row, after the flush that wrote it."""
        return [
            Touched(
                row=row,
                entity=record.__tablename__,
                record_id=record.id,
                did="created" if before is None else "changed",
                version=record.version,
                before=before,
            )
            for row, record, before in sorted(self._rows, key=lambda one: one[0])
        ]


@dataclass(frozen=True, slots=True)
class Touched:
    """A record that a row made or changed."""

    row: int
    entity: str
    """Its table."""
    record_id: UUID
    did: str
    """`created` or `changed`."""
    version: int
    """Its version afterwards: another one says that somebody has touched it since."""
    before: dict[str, Any] | None
    """What the changed columns held, as JSON."""


UNWATCHED = {"version", "updated_at", "parts_version", "sort_name", "house", "unclaimed"}


def _columns(record: TenantModel) -> dict[str, Any]:
    loaded = inspect(record).dict
    names = (attribute.key for attribute in inspect(type(record)).column_attrs)
    return {name: loaded[name] for name in names if name in loaded and name not in UNWATCHED}


def _plain(value: Any) -> Any:
    if isinstance(value, UUID | Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


class Hand(ABC):
    """Takes the rows of one run; remembers between its batches what it has met."""

    def __init__(self, kind: "Kind", key: str, *, dry_run: bool) -> None:
        self.kind, self.key, self.dry_run = kind, kind.key(key), dry_run

    async def present(self, ctx: Ctx, rows: Sequence[Taken]) -> dict[str, list[Any]]:
        """The records that the rows name by their key, deleted ones too, locked."""
        keys = {row.key for row in rows if row.key is not None}
        if self.key is None or not keys:
            return {}
        assert self.key.column is not None
        return await self.found(ctx, self.key.column, keys)

    async def found(self, ctx: Ctx, name: str, keys: Iterable[str]) -> dict[str, list[Any]]:
        """The records whose column `name` holds one of `keys`, deleted ones too, locked."""
        model: Any = self.kind.model
        found: dict[str, list[Any]] = defaultdict(list)
        for record in await ctx.session.scalars(
            ctx.select(model, deleted=True)
            .where(getattr(model, name).in_(set(keys)))
            .order_by(model.id)
            .options(*self.kind.options)
            .with_for_update(key_share=True, of=model)
            .execution_options(populate_existing=True)
        ):
            found[getattr(record, name)].append(record)
        return found

    async def meet(
        self, ctx: Ctx, rows: Sequence[Taken], present: Mapping[str, Sequence[Any]]
    ) -> dict[int, Issue]:
        """Load what the rows of a batch need, with a number of queries that does not grow; the rows
        that cannot be taken, by number, and why."""
        return {}

    @abstractmethod
    async def create(self, ctx: Ctx, row: Taken, touches: Touches) -> tuple[Any, list[Issue]]:
        """Make the record. Raises `Refused` and what the verbs raise."""

    @abstractmethod
    async def change(self, ctx: Ctx, row: Taken, record: Any, touches: Touches) -> bool:
        """Bring the record up to date; whether anything was different. Raises as `create` does."""

    async def finish(self, ctx: Ctx) -> None:
        """Make what is made at the end of a batch, all together. Raises as `create` does."""
        return

    def mark(self) -> int:
        """A moment to go `back_to`."""
        return 0

    def back_to(self, mark: int) -> None:
        """Forget what was made since; it was not made after all."""
        return


class Kind(ABC):
    """A kind of list."""

    name: ClassVar[ImportKind]
    model: ClassVar[type[TenantModel]]
    called: ClassVar[str]
    """One of them, for sentences: customer."""
    fields: ClassVar[tuple[Field, ...]]
    keys: ClassVar[tuple[Key, ...]]
    wants: ClassVar[tuple[Want, ...]]
    """The columns that a file has to have."""
    needs: ClassVar[tuple[Permission, ...]]
    """What the sender must be allowed to do besides importing: what one row amounts to."""
    reads: ClassVar[tuple[Permission, ...]]
    """What one must be allowed to see for the rows to be shown: they say what records say."""
    undo_needs: ClassVar[tuple[Permission, ...]] = ()
    """What taking back needs besides `needs`."""
    options: ClassVar[tuple[Any, ...]] = ()
    """What a verb that changes a record needs loaded."""
    hand: ClassVar[type[Hand]]
    exported: ClassVar[Mapping[str, str | None]] = {"external_key": "external_id"}
    """Headings of our own export that mean something else than what they look like (None: nothing)."""
    at_once: ClassVar[int] = 200
    """Rows that a transaction takes."""
    together: ClassVar[bool] = True
    """Whether the verbs need nothing of what a batch makes to be written before its end."""

    @property
    def entity(self) -> str:
        """The table of the record that a row becomes."""
        return str(self.model.__tablename__)

    @property
    def targets(self) -> tuple[str, ...]:
        """What a column can be mapped to."""
        return tuple(one.name for one in self.fields)

    def require(self, ctx: Ctx) -> None:
        """Raise `Forbidden` for whoever could not do by hand what a row does."""
        for permission in self.needs:
            ctx.require(permission)

    def require_undo(self, ctx: Ctx) -> None:
        """Raise `Forbidden` for whoever could not take back by hand what a row did."""
        self.require(ctx)
        for permission in self.undo_needs:
            ctx.require(permission)

    def require_read(self, ctx: Ctx) -> None:
        """Raise `Forbidden` for whoever may not see such records."""
        for permission in self.reads:
            ctx.require(permission)

    def shown(self, ctx: Ctx) -> bool:
        """Whether such records may be seen."""
        return all(ctx.may(permission) for permission in self.reads)

    def key(self, name: str) -> Key | None:
        """The key of that name; None for `none`."""
        return next((key for key in self.keys if key.name == name), None)

    def prepare(self, values: dict[str, str]) -> dict[str, str]:
        """Fields that several columns make together; before anything else is understood."""
        return values

    def reconsider(self, guesses: dict[str, str | None]) -> dict[str, str | None]:
        """What headings mean beside one another, where alone they would mean something else."""
        return guesses

    def refuse_mapping(self, targets: set[str]) -> str | None:
        """Why nothing could become of a file with only these columns; None when something can."""
        return next((one.otherwise for one in self.wants if targets.isdisjoint(one.targets)), None)

    @abstractmethod
    async def understand(
        self, values: dict[str, str], reading: Reading, settings: Settings
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the row says of its record, and beside it. Mistakes go to `reading`."""

    def key_of(self, key: Key, record: Mapping[str, Any], beside: Mapping[str, Any]) -> str | None:
        """What finds the record, in the form in which records keep it."""
        found = record.get(key.column) if key.column else None
        return None if found is None else str(found)

    def says(self, row: Taken) -> dict[str, str]:
        """What the row becomes, for a preview."""
        record = {name: value for name, value in row.record.items() if name not in SECRET}
        said = {**record, **{k: v for k, v in row.beside.items() if isinstance(v, str)}}
        return {name: _shown(value) for name, value in said.items() if value is not None}


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value))
    return str(value)
