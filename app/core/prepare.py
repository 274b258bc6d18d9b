"""Roles and database, made once by an administrator: the only SQL that needs such rights.

`truckroll_owner` owns everything and never serves; `truckroll_app` serves and owns nothing;
`truckroll_relay` numbers the journal; `truckroll_backup` reads everything and changes nothing;
`truckroll_search` cannot log in and only owns the search function. None is a superuser and none bypasses row-level security. Rights are granted to these
names; a login of another name is made a member (`grant truckroll_app to my_login`).
"""

import asyncpg

OWNER, APP, RELAY, BACKUP, SEARCH = (
    "truckroll_owner",
    "truckroll_app",
    "truckroll_relay",
    "truckroll_backup",
    "truckroll_search",
)
LOGINS = (OWNER, APP, RELAY, BACKUP)
"""The roles that log in."""
EXTENSIONS = ("btree_gin", "btree_gist", "pg_trgm", "unaccent")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def role_statements(passwords: dict[str, str]) -> list[str]:
    """SQL that makes the roles, or gives them their passwords again; safe to repeat.

    `passwords` maps a role that may log in to its password; a role without one is NOLOGIN.
    """
    statements = []
    for role in (*LOGINS, SEARCH):
        login = f"login password {_quoted(passwords[role])}" if role in passwords else "nologin"
        rights = f"{login} nosuperuser nobypassrls nocreatedb nocreaterole noreplication"
        statements += [
            f"do $$ begin create role {role}; exception when duplicate_object then null; end $$",
            f"alter role {role} {rights}",
        ]
    # the owner hands the search function over to its role, and needs to be a member for that
    statements.append(f"grant {SEARCH} to {OWNER}")
    return statements


def database_statements(database: str) -> list[str]:
    """SQL that gives a new database to the owner and closes what PostgreSQL leaves open."""
    return [
        f'alter database "{database}" owner to {OWNER}',
        f'revoke all on database "{database}" from public',
        f'grant connect, temporary on database "{database}" to {APP}',
        f'grant connect on database "{database}" to {RELAY}, {BACKUP}',
    ]


def administrator_sql(database: str) -> str:
    """What to run once where we may not: the page an administrator is handed."""
    lines = [
        "-- once per cluster; choose the passwords yourself",
        *role_statements({role: f"<password of {role}>" for role in LOGINS}),
        f"create database \"{database}\" encoding 'UTF8' template template0",
        *database_statements(database),
        "-- then, connected to that database:",
        f"alter schema public owner to {OWNER}",
        *[f"create extension if not exists {name}" for name in EXTENSIONS],
    ]
    return "\n".join(line if line.startswith("--") else f"{line};" for line in lines)


async def prepare(admin_dsn: str, database: str, passwords: dict[str, str]) -> bool:
    """Make roles, database and trusted extensions where they are missing.

    `admin_dsn` connects to a maintenance database as a role that may create roles. Returns whether
    the database was new. Raises asyncpg.InsufficientPrivilegeError where we may not.
    """
    connection = await asyncpg.connect(admin_dsn)
    try:
        for statement in role_statements(passwords):
            await connection.execute(statement)
        known = await connection.fetchval(
            "select true from pg_database where datname = $1", database
        )
        if not known:
            await connection.execute(
                f'create database "{database}" encoding UTF8 template template0'
            )
        for statement in database_statements(database):
            await connection.execute(statement)
    finally:
        await connection.close()
    inside = await asyncpg.connect(admin_dsn, database=database)
    try:
        await inside.execute(f"alter schema public owner to {OWNER}")
        for name in EXTENSIONS:
            await inside.execute(f"create extension if not exists {name}")
    finally:
        await inside.close()
    return not known


async def take_statistics(owner_dsn: str) -> None:
    """Let the planner know at once how much there is in the tables, as it would in a minute.

    Until then every index that begins with the organisation looks as good to it as the key.
    """
    connection = await asyncpg.connect(owner_dsn)
    try:
        await connection.execute("analyze")
    finally:
        await connection.close()
