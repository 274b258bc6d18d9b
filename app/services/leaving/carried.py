"""Which tables leave with an organisation, and in which form. Pure: names, columns, order.

Every table is either carried or named in `LEFT_OUT` with the reason; a rule of the suite holds that.
What of a row would differ in two instances that hold the same (a secret, something that is under way
in one of them) is written in the one form that it has in both: carrying it twice changes nothing.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app import models
from app.core.model import Base

assert models.__all__, "the metadata is whole once every table is imported"

LEFT_OUT: Mapping[str, str] = {
    "archives": "what was handed out there; it can be downloaded there only",
    "commands": "what can be undone for some days, there only",
    "command_runs": "where the journal there says what a command did",
    "import_rows": "what a list became; without its file it can be mended and taken back there only",
    "import_changes": "what taking an import back needs, and that can be done there only",
    "raised_alerts": "derived: what is about to go wrong is found again",
    "alert_clocks": "derived: when to look for that again",
    "pings": "where people were: kept for days, there only",
    "travel_times": "what a map service said of drives: it is asked again",
    "positions": "where people are: their devices tell it wherever they are asked next",
    "jobs": "work that was under way there; nothing of it is done a second time elsewhere",
    "search_documents": "derived: written anew from the records",
    "stored_replies": "replies to requests that were sent there",
    "identity.invitations": "an invitation's link is a secret of whoever sent it: invite again",
    "identity.letters": "mails about people's accounts there",
    "identity.outbox": "mails of an installation without a mail server",
    "identity.recovery_codes": "a secret: people set up their second factor again",
    "identity.refresh_tokens": "a secret: people sign in again",
    "identity.sessions": "a secret: people sign in again",
    "identity.sign_in_attempts": "who tried to sign in there, in whichever organisation",
    "identity.tickets": "secrets: codes that were mailed there",
    "identity.totps": "a secret: people set up their second factor again",
    "system.allowances": "what callers have left of their rate limits there",
    "system.journal_heads": "the last line of the journal says it",
    "system.relay_state": "how far the numbering of all organisations is there",
    "system.tables": "part of the schema",
    "jobs.pgqueuer": "the queue of work there",
    "jobs.pgqueuer_log": "the queue's own log",
    "jobs.pgqueuer_schedules": "what the clock does there",
    "jobs.pgqueuer_statistics": "the queue's own figures",
    "alembic_version": "the schema's revision; the manifest says it",
}
"""Tables that stay, and why. Whatever is not named here and belongs to the organisation is carried."""

BESIDE = ("journal", "system.journal_numbers")
"""Carried together, in the journal's own part: an entry with its number and its link of the chain."""

UNFINISHED = "It was under way when the archive of the organisation was made, and did not go on."
_ENDED = ("completed", "canceled", "failed", "undone", "done")


def _ended(*, at: str = "finished_at") -> dict[str, str]:
    going = "t.status not in ({})".format(", ".join(f"'{one}'" for one in _ENDED))
    return {
        "status": f"case when {going} then 'failed' else t.status end",
        "failure": f"case when {going} then '{UNFINISHED}' else t.failure end",
        at: f"case when {going} then coalesce(t.{at}, t.updated_at) else t.{at} end",
    }


REWRITTEN: Mapping[str, Mapping[str, str]] = {
    "mails": {
        # sealed with a key of that installation; and what waits is sent there or not at all
        "message": "null::bytea",
        "status": "case when t.status in ('queued', 'sending') then 'refused' else t.status end",
        "failure": "case when t.status in ('queued', 'sending')"
        " then 'It was waiting when the archive of the organisation was made, and was not sent again.'"
        " else t.failure end",
    },
    "imports": {
        # the file itself is let go of: what became of its rows is carried
        "content": "null::bytea",
        "file_removed_at": "coalesce(t.file_removed_at, t.updated_at)",
        **_ended(),
    },
    "bulk_actions": _ended(),
    "exports": {
        # the file can be downloaded there only; who took what stays known
        "object_id": "null::uuid",
        "status": "case t.status when 'ready' then 'expired' when 'queued' then 'failed'"
        " when 'running' then 'failed' else t.status end",
        "failure": "case when t.status in ('queued', 'running')"
        f" then '{UNFINISHED}' else t.failure end",
    },
}
"""Columns that are carried in another form than they stand in."""


@dataclass(frozen=True)
class Carried:
    """A table, the columns of it that travel, and how they are read."""

    name: str
    """As the manifest calls it."""
    source: str
    """With its schema, called `t`."""
    columns: Mapping[str, str]
    """Column → the expression that reads it from `t`."""
    key: Sequence[str]
    where: str = "t.org_id = :org"
    wide: bool = False
    """Holds what may be large: read a row at a time."""

    @property
    def part(self) -> str:
        """Its part of the archive."""
        return f"tables/{self.name}.jsonl"

    @property
    def query(self) -> str:
        """Its rows as JSON, in the order of the key."""
        read = ", ".join(f'{expression} as "{name}"' for name, expression in self.columns.items())
        keys = ", ".join(f"{self.columns[name]}" for name in self.key)
        return (
            f"select row_to_json(x)::text from (select {read} from {self.source}"  # noqa: S608 - names of our own
            f" where {self.where} order by {keys}) x"
        )


def _plain(*names: str) -> dict[str, str]:
    return {name: f't."{name}"' for name in names}


OF_THE_ORGANISATION = "t.id in (select m.user_id from identity.memberships m where m.org_id = :org)"
PEOPLE = (
    Carried(
        "organisation",
        "identity.organisations t",
        _plain("id", "name", "slug", "created_at"),
        ["id"],
        where="t.id = :org",
    ),
    Carried(
        "users",
        "identity.users t",
        _plain("id", "email", "name", "disabled_at", "created_at"),
        ["id"],
        where=OF_THE_ORGANISATION,
    ),
    Carried(
        "roles",
        "identity.roles t",
        _plain(
            "id", "name", "level", "record_scope", "permissions", "system", "version",
            "requires_mfa", "created_at",
        ),
        ["id"],
    ),
    Carried(
        "memberships",
        "identity.memberships t",
        {
            **_plain("user_id", "role_id", "perm_version", "expires_at", "created_at"),
            # whom that installation's support let in for a while comes in nowhere else
            "suspended_at": "coalesce(t.suspended_at, t.expires_at)",
        },
        ["user_id"],
    ),
)  # fmt: skip
"""Of the identity plane: no password, no second factor, no token."""


def _records() -> Iterator[Carried]:
    for name, table in sorted(Base.metadata.tables.items()):
        if table.schema is not None or name in LEFT_OUT or name in BESIDE:
            continue
        columns = {
            column.name: REWRITTEN.get(name, {}).get(column.name, f't."{column.name}"')
            for column in table.columns
            if column.name != "org_id" and column.computed is None
        }
        yield Carried(
            name,
            f"public.{name} t",
            columns,
            [column.name for column in table.primary_key.columns if column.name != "org_id"],
            wide=any(type(column.type).__name__ == "LargeBinary" for column in table.columns),
        )


RECORDS: tuple[Carried, ...] = tuple(_records())
TABLES: tuple[Carried, ...] = (*PEOPLE, *RECORDS)
"""What is carried, in the order of the archive."""

ENTRIES = Carried(
    "journal",
    "system.journal_numbers n join public.journal t on t.org_id = n.org_id and t.id = n.entry_id",
    {
        "seq": "n.seq",
        "digest": "encode(n.digest, 'hex')",
        "chain": "encode(n.chain, 'hex')",
        **_plain(
            "id", "at", "entity", "entity_id", "action", "is_fact", "version", "changes",
            "occurred_at", "actor_id", "source", "request_id",
        ),
    },
    ["seq"],
    where="n.org_id = :org",
)  # fmt: skip
"""The journal, with its numbers and its hash chain."""


def references(name: str) -> set[str]:
    """The carried tables that rows of this one point at."""
    table = Base.metadata.tables[name]
    return {key.column.table.name for key in table.foreign_keys} - {name}


def together() -> list[list[Carried]]:
    """The records' tables in an order in which each finds what it points at.

    Those that point at each other are in one group, and are written by one statement.
    """
    waiting = {one.name: one for one in RECORDS}
    groups: list[list[Carried]] = []
    while waiting:
        reached = {name: _reached(name, waiting) for name in waiting}
        least = min(reached.values(), key=lambda names: (len(names), sorted(names)))
        groups.append([waiting.pop(name) for name in sorted(least)])
    return groups


def _reached(name: str, among: Container[str]) -> frozenset[str]:
    found, looking = {name}, [name]
    while looking:
        for other in references(looking.pop()):
            if other in among and other not in found:
                found.add(other)
                looking.append(other)
    return frozenset(found)
