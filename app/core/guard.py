"""The server only serves as a role that the walls hold against.

Row-level security binds neither superusers, nor roles that bypass it, nor whoever may become one. A
server with such a role would answer correctly until the first forgotten filter, so it refuses to
start instead.
"""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.prepare import APP, BACKUP, OWNER, RELAY, SEARCH

# `pg_has_role(…, 'MEMBER')` is true of oneself and of every role that SET ROLE could become
_WHO = text("""
    select current_user as name,
      me.rolsuper as superuser, me.rolbypassrls as bypasses, me.rolcreaterole as makes_roles,
      (select min(r.rolname) from pg_catalog.pg_roles r
        where pg_catalog.pg_has_role(me.oid, r.oid, 'MEMBER')
          and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolname = any (:reserved))
      ) as becomes,
      (select min(c.oid::pg_catalog.regclass::text) from pg_catalog.pg_class c
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'
        where c.relkind in ('r', 'p') and pg_catalog.pg_has_role(me.oid, c.relowner, 'MEMBER')
      ) as owns
    from pg_catalog.pg_roles me where me.rolname = current_user
""")


class WrongRole(RuntimeError):
    """The database role is one that row-level security does not hold."""


async def refuse_wrong_role(engine: AsyncEngine) -> None:
    """Raise `WrongRole` when the engine's role is not bound by row-level security."""
    async with engine.connect() as connection:
        who = (await connection.execute(_WHO, {"reserved": [OWNER, RELAY, BACKUP, SEARCH]})).one()
    if (why := _why_not(who)) is not None:
        raise WrongRole(
            f"Truckroll will not serve as the database role {who.name}: {why}. Row-level security"
            f" would not hold it. Let DATABASE_URL name {APP} or a role that is only its member;"
            " `app db prepare` makes it."
        )


def _why_not(who: Any) -> str | None:
    if who.superuser:
        return "it is a superuser"
    if who.bypasses:
        return "it bypasses row-level security"
    if who.makes_roles:
        return "it may create roles, and so give itself any"
    if who.becomes:
        return f"it is or may become {who.becomes}"
    if who.owns:
        return f"it owns {who.owns}"
    return None
