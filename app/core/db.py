"""Sessions, and the wall they carry.

A session is born for one organisation. It tells the database which one at the start of every
transaction (row-level security reads it), adds the same condition to every ORM statement, stamps
new rows, and refuses rows of another organisation. Touching a tenant table without an organisation
raises. Sessions are made here and nowhere else.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Insert,
    Text,
    and_,
    bindparam,
    case,
    cast,
    event,
    func,
    literal_column,
    text,
)
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import (
    ORMExecuteState,
    Session,
    SessionTransaction,
    UOWTransaction,
    with_loader_criteria,
)

from app.core import clock
from app.core.model import TenantRow
from app.core.tools import Tools
from app.core.wake import JOURNAL, LIVE, together

AfterCommit = Callable[[dict[str, str]], None]
"""Told which channels to wake, with what payload."""


@dataclass(frozen=True)
class Scope:
    """Whose data a transaction may touch, and who is to be named in the journal."""

    org_id: UUID
    actor_id: UUID | None = None
    source: str = "system"
    request_id: str = ""


class Unscoped(RuntimeError):
    """A tenant table was touched without an organisation: a bug, never an empty answer."""


class Trespass(RuntimeError):
    """A row of another organisation was about to be written: a bug, never a silent move."""


_ENTER = text(
    "select set_config('app.org_id', :org, true), set_config('app.actor_id', :actor, true),"
    " set_config('app.source', :source, true), set_config('app.request_id', :request, true),"
    " set_config('app.now', :now, true)"
)


class WalledSession(Session):
    """The synchronous heart of `AsyncSession`; the listeners below hang on this class."""


def _scope(session: Session) -> Scope | None:
    scope: Scope | None = session.info.get("scope")
    return scope


@event.listens_for(WalledSession, "after_begin")
def _tell_the_database(session: Session, transaction: SessionTransaction, conn: Connection) -> None:
    # A setting made inside a savepoint is lost when it rolls back, so only the outermost tells.
    if transaction.nested or (scope := _scope(session)) is None:
        return
    conn.execute(_ENTER, _context(scope))


def _context(scope: Scope) -> dict[str, str]:
    moment = clock.is_set()
    return {
        "org": str(scope.org_id),
        "actor": str(scope.actor_id or ""),
        "source": scope.source,
        "request": scope.request_id,
        "now": moment.isoformat() if moment else "",
    }


@event.listens_for(WalledSession, "do_orm_execute")
def _add_the_criterion(state: ORMExecuteState) -> None:
    scope = _scope(state.session)
    if scope is None:
        if any(issubclass(mapper.class_, TenantRow) for mapper in state.all_mappers):
            raise Unscoped("This session has no organisation, and the statement needs one.")
        return
    if not state.is_select:
        wake_after_commit(state.session, JOURNAL)
    if isinstance(state.statement, Insert):
        _refuse_foreign_values(state, state.statement, scope)
        return
    org_id = scope.org_id
    state.statement = state.statement.options(
        with_loader_criteria(TenantRow, lambda row: row.org_id == org_id, include_aliases=True)
    )


def _refuse_foreign_values(state: ORMExecuteState, insert: Insert, scope: Scope) -> None:
    """`before_flush` never sees `insert(Model)`, so its values are looked at here."""
    mapper = state.bind_mapper
    if mapper is None or not issubclass(mapper.class_, TenantRow):
        return
    rows: list[Any] = []
    parameters = state.parameters
    if isinstance(parameters, dict) and parameters:
        rows.append(parameters)
    elif parameters:
        rows.extend(parameters)
    inline = insert.compile().params if not rows else {}
    for row in rows or [inline]:
        if row.get("org_id", scope.org_id) != scope.org_id:
            raise Trespass(f"insert({mapper.class_.__name__}) names another organisation.")


@event.listens_for(WalledSession, "before_flush")
def _stamp(session: Session, flush: UOWTransaction, instances: Any) -> None:
    scope = _scope(session)
    new = session.new  # a copy, each time one looks
    for row in (*new, *session.dirty, *session.deleted):
        if not isinstance(row, TenantRow):
            continue
        if scope is None:
            raise Unscoped("This session has no organisation, and the row needs one.")
        if row.org_id is None and row in new:
            row.org_id = scope.org_id
        elif row.org_id != scope.org_id:
            raise Trespass(f"{type(row).__name__} belongs to another organisation.")


@event.listens_for(WalledSession, "after_flush")
def _the_journal_grew(session: Session, flush: UOWTransaction) -> None:
    wake_after_commit(session, JOURNAL)


def wake_after_commit(session: Session, channel: str, payload: str = "") -> None:
    """Let whoever listens on `channel` be woken once this transaction has committed."""
    session.info.setdefault("wakes", {})[channel] = payload


def tell_live(session: Session, kind: str, org_id: UUID, key: str) -> None:
    """Let whoever listens look at `key` of a kind again once this transaction has committed.

    For what changes too often for the journal (`app.realtime.sources`). Neither may contain a blank.
    """
    wakes = session.info.setdefault("wakes", {})
    wakes[LIVE] = together(wakes.get(LIVE, ""), f"{kind} {org_id} {key}")


@event.listens_for(WalledSession, "after_commit")
def tell_the_listeners(session: Session) -> None:
    """Wake whoever this transaction said should be woken."""
    if session.in_nested_transaction():
        return  # a savepoint was released: nothing is committed yet
    wakes: dict[str, str] = session.info.pop("wakes", {})
    told: AfterCommit | None = session.info.get("after_commit")
    if wakes and told is not None:
        told(wakes)


def make_engine(url: str, *, pool_size: int = 10, command_timeout: int | None = 30) -> AsyncEngine:
    """An engine for the application role. `url` is `postgresql://…`; asyncpg is the driver.

    A full pool waits at most 2 s and then raises `TimeoutError`, which the edge answers with 503.
    """
    import orjson

    return create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=2,
        pool_recycle=1800,
        pool_use_lifo=True,  # the one asked last knows the statements: two fifths fewer are prepared
        query_cache_size=1500,  # every route's statements, each in a few shapes; at 500 some go again
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        hide_parameters=True,  # an error's text is logged, and parameters are people's data
        connect_args={
            "command_timeout": command_timeout,
            "server_settings": {
                "application_name": "truckroll",
                "statement_timeout": "15000",
                "lock_timeout": "5000",
                "idle_in_transaction_session_timeout": "30000",
            },
        },
    )


class Sessions:
    """Makes sessions on one engine, and calls `after_commit` whenever one has committed writes.

    `after_commit` is told which channels to wake (`core.wake`); it must not touch the database.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        after_commit: AfterCommit | None = None,
        tools: Tools | None = None,
    ):
        self.engine = engine
        self.tools = tools
        self._after_commit = after_commit

    @property
    def lent(self) -> dict[str, Any]:
        """What every session of this process carries."""
        return {"after_commit": self._after_commit, "tools": self.tools}

    def told(self, wakes: dict[str, str]) -> None:
        """Say what was committed on a connection that is none of these sessions'."""
        if self._after_commit is not None:
            self._after_commit(wakes)

    def open(self, scope: Scope | None = None) -> AsyncSession:
        """A session for `scope`. Without one it can only enter (sign-in) or raise `Unscoped`."""
        return AsyncSession(
            self.engine,
            sync_session_class=WalledSession,
            expire_on_commit=False,
            info={"scope": scope, **self.lent},
        )


def enter(session: AsyncSession, scope: Scope) -> None:
    """Give a session the organisation that the database already knows (see `identity.enter`)."""
    session.sync_session.info["scope"] = scope


async def hold_still(session: AsyncSession) -> None:
    """Let the transaction that begins now only read, and see the database as it is at its first look.

    Whoever holds still for long keeps nobody from writing; only changes of the schema wait.
    """
    await session.connection(
        execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    )


async def speak_as(session: AsyncSession, scope: Scope) -> None:
    """Let the rest of this transaction be somebody else's, in the same organisation."""
    if scope.org_id != scope_of(session).org_id:
        raise Trespass("A transaction never changes its organisation.")
    enter(session, scope)
    await session.execute(_ENTER, _context(scope))


def as_of(moment: str, actor: str, request: str) -> ColumnElement[datetime]:
    """For statements that write the past: the moment of a row, by which the journal dates it too.

    Names three parameters, texts, of a statement that is executed once per row: the row's triggers
    then write that moment, actor and request id into its entry. An actor of `''` is the system.
    """
    yes: ColumnElement[bool] = literal_column("true")

    def told(setting: str, parameter: str) -> ColumnElement[str]:
        name: ColumnElement[str] = literal_column(f"'{setting}'")
        return func.set_config(name, bindparam(parameter, type_=Text), yes)

    who = and_(
        told("app.actor_id", actor).is_not(None), told("app.request_id", request).is_not(None)
    )
    return case((who, cast(told("app.now", moment), DateTime(timezone=True))))


@asynccontextmanager
async def deferred(session: AsyncSession, constraint: str) -> AsyncIterator[None]:
    """Let rows pass through what a deferrable constraint forbids; at the end of the block it is asked,
    so that a violation is met inside the savepoint around it and does not wait for the commit."""
    await session.execute(text(f'set constraints "{constraint}" deferred'))
    yield
    await session.flush()
    await session.execute(text(f'set constraints "{constraint}" immediate'))


async def plan_anew(session: AsyncSession) -> None:
    """For a transaction that fills empty tables: forget the plans made when they were empty."""
    await session.execute(text("discard plans"))


def scope_of(session: AsyncSession) -> Scope:
    """The organisation and actor of this session; raises `Unscoped` without one."""
    scope = _scope(session.sync_session)
    if scope is None:
        raise Unscoped("This session has no organisation.")
    return scope
