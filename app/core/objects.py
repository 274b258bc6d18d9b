"""Objects: what is too large for a row, kept in a folder or in somebody's object store.

A key starts with the organisation's id, and it is made here from that id and a record's: nobody can
name one. A transaction reaches the store by the tools of its process (`core.tools`).
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from app.core.errors import Unavailable

CHUNK = 256 * 1024


class Missing(LookupError):
    """There is no such object."""


@dataclass(frozen=True)
class Key:
    """An object of one organisation: a part (`content`, `small`, …) of the record with this id."""

    org_id: UUID
    id: UUID
    part: str

    def __str__(self) -> str:
        return f"{self.org_id}/{self.id}/{self.part}"


@dataclass(frozen=True)
class Stored:
    """An object that is there: the record it belongs to, and when it was written."""

    key: Key
    at: datetime


@dataclass(frozen=True)
class Content:
    """An object being read."""

    length: int
    chunks: AsyncIterator[bytes]


class Objects:
    """The store of one process."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @classmethod
    def at(cls, url: str | None, folder: Path) -> "Objects":
        """The store that `url` names (`s3://…`, `gs://…`, `az://…`), or `folder` on this machine.

        What it signs in with comes from the environment, by the store's own names.
        """
        if url is not None:
            return cls(from_url(url))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(LocalStore(folder.resolve(), automatic_cleanup=True))

    async def put(self, key: Key, source: Path | IO[bytes]) -> None:
        """Store a file under a key; what stands there under it is replaced at once or not at all."""
        with _reached():
            await obstore.put_async(self._store, str(key), source)

    async def open(self, key: Key) -> Content:
        """An object's length and its bytes, in chunks. Raises `Missing`."""
        try:
            with _reached():
                found = await obstore.get_async(self._store, str(key))
        except FileNotFoundError:
            raise Missing(str(key)) from None
        return Content(found.meta["size"], _chunks(found))

    async def has(self, key: Key) -> bool:
        """Whether it is there."""
        try:
            with _reached():
                await obstore.head_async(self._store, str(key))
        except FileNotFoundError:
            return False
        return True

    async def remove(self, keys: Sequence[Key]) -> None:
        """Remove objects; what is not there is not there afterwards either."""
        for key in keys:
            try:
                with _reached():
                    await obstore.delete_async(self._store, str(key))
            except FileNotFoundError:
                continue

    async def of(
        self, org_id: UUID, *, since: str, at_once: int
    ) -> AsyncIterator[Sequence[Stored]]:
        """An organisation's objects whose ids sort after `since`, some at a time."""
        listed = obstore.list(
            self._store, prefix=str(org_id), offset=f"{org_id}/{since}", chunk_size=at_once
        )
        with _reached():
            async for some in listed:
                yield [
                    Stored(key, one["last_modified"])
                    for one in some
                    if (key := _key(one["path"])) is not None
                ]


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except BaseError as error:  # its own; what is missing is a FileNotFoundError
        raise Unavailable(
            "The store of files is out of reach. Try again in a moment.",
            headers={"Retry-After": "5"},
        ) from error


async def _chunks(found: "obstore.GetResult") -> AsyncIterator[bytes]:
    async for chunk in found.stream(min_chunk_size=CHUNK):
        yield bytes(chunk)


def _key(path: str) -> Key | None:
    """None for what we have not put there."""
    try:
        org_id, id, part = path.split("/")
        return Key(UUID(org_id), UUID(id), part)
    except ValueError:
        return None
