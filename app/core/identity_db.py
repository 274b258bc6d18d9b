"""The session of the identity plane: it reaches users, sessions and memberships, and no tenant row.

Only the identity services may import it (an import contract holds that). It is what is used before
an organisation is known.
"""

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session

from app.core.db import Sessions, Unscoped, tell_the_listeners
from app.core.model import TenantRow


class _PlainSession(Session):
    pass


@event.listens_for(_PlainSession, "do_orm_execute")
def _no_tenant_rows(state: ORMExecuteState) -> None:
    if any(issubclass(mapper.class_, TenantRow) for mapper in state.all_mappers):
        raise Unscoped("The identity plane does not reach tenant tables.")


event.listen(_PlainSession, "after_commit", tell_the_listeners)


def open_identity(home: AsyncEngine | Sessions) -> AsyncSession:
    """A session for identity tables alone; the caller commits.

    From `Sessions` it brings the tools of the process along, and wakes whom a commit concerns.
    """
    engine, lent = (home.engine, home.lent) if isinstance(home, Sessions) else (home, {})
    return AsyncSession(engine, sync_session_class=_PlainSession, expire_on_commit=False, info=lent)
