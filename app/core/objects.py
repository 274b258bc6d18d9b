"""Objects: what is too large for a row, kept in a folder or in somebody's object store.

A key starts with the organisation's id, and it is made here from that id and a record's: nobody can
name one. A transaction reaches the store by the tools of its process (`core.tools`).

What comes with rows that have not committed yet stands beside its place until they have (`Arriving`).
"""

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from app.core import clock
from app.core.errors import Unavailable

CHUNK = 256 * 1024
HALF = re.compile(r"#[0-9]+$")
"""How a folder's store calls what it is writing."""
ARRIVING = "arriving"
"""Where objects stand whose rows have not committed."""


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

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        self._store, self._folder = store, folder

    @classmethod
    def at(cls, url: str | None, folder: Path) -> "Objects":
        """The store that `url` names (`s3://…`, `gs://…`, `az://…`), or `folder` on this machine.

        What it signs in with comes from the environment, by the store's own names.
        """
        if url is not None and not url.startswith("file:"):
            return cls(from_url(url))
        if url is not None:
            folder = Path(unquote(urlsplit(url).path))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(LocalStore(folder.resolve(), automatic_cleanup=True), folder.resolve())

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

    async def remove_halves(self, before: datetime, under: str = "") -> None:
        """Remove what somebody who was killed had not written to its end. Of a folder: an object store
        has a rule for it that its owner sets."""
        if self._folder is not None:
            await asyncio.to_thread(
                _remove_halves, self._folder / under, int(before.timestamp()) + 1
            )

    def arriving(self, org_id: UUID) -> "Arriving":
        """What is on its way into an organisation."""
        return Arriving(self, self._store, org_id)

    async def expected(self) -> list[UUID]:
        """The organisations that something is on its way into, or was when somebody died."""
        with _reached():
            found = await obstore.list_with_delimiter_async(self._store, ARRIVING)
        return [org_id for one in found["common_prefixes"] if (org_id := _id(one)) is not None]


class Arriving:
    """Objects on their way into one organisation: beside their places, where nobody looks.

    Whoever ends before `settle` has changed nothing, and what is left is `forget`'s. Both do some at a
    time, may be begun again after any of it, and say whether that was all.
    """

    def __init__(self, objects: Objects, store: ObjectStore, org_id: UUID) -> None:
        self._objects, self._store, self._org_id = objects, store, org_id
        self._folder = f"{ARRIVING}/{org_id}"

    async def put(self, key: Key, source: IO[bytes]) -> None:
        """Store a file that is to stand under a key."""
        with _reached():
            await obstore.put_async(self._store, f"{self._folder}/{key.id}.{key.part}", source)

    async def replace(self, gone: Collection[Key]) -> None:
        """Note which objects are to be removed once all is in place. After the last `put`."""
        lines = "\n".join(f"{key.id}.{key.part}" for key in gone)
        with _reached():
            await obstore.put_async(self._store, self._gone, lines.encode())

    async def settle(self, most: int) -> bool:
        """Put objects in their places, then remove what they replace."""
        for name in (coming := await self._some(most)):
            try:
                with _reached():
                    await obstore.rename_async(
                        self._store, f"{self._folder}/{name}", str(self._key(name))
                    )
            except FileNotFoundError:
                continue  # somebody else did
        if coming:
            return False
        gone = await self._noted()
        await self._objects.remove([self._key(name) for name in gone[:most]])
        if gone[most:]:
            await self.replace([self._key(name) for name in gone[most:]])
            return False
        await self._remove(self._gone)
        return await self.forget(most)

    async def forget(self, most: int) -> bool:
        """Remove what is not to come any more."""
        coming = await self._some(most)
        for name in coming:
            await self._remove(f"{self._folder}/{name}")
        await self._remove(self._gone)
        if not coming:
            await self._objects.remove_halves(clock.now(), self._folder)
        return not coming

    @property
    def _gone(self) -> str:
        return f"{self._folder}/gone"

    def _key(self, name: str) -> Key:
        id, part = name.split(".")
        return Key(self._org_id, UUID(id), part)

    async def _some(self, most: int) -> list[str]:
        with _reached():
            async for some in obstore.list(self._store, prefix=self._folder, chunk_size=most + 1):
                names = [one["path"].rpartition("/")[2] for one in some]
                return [name for name in names if "." in name][:most]
        return []

    async def _noted(self) -> list[str]:
        try:
            with _reached():
                found = await obstore.get_async(self._store, self._gone)
                return bytes(await found.bytes_async()).decode().split()
        except FileNotFoundError:
            return []

    async def _remove(self, path: str) -> None:
        try:
            with _reached():
                await obstore.delete_async(self._store, path)
        except FileNotFoundError:
            return


def _remove_halves(folder: Path, before: int) -> None:
    for path in [*folder.rglob("*#*")]:
        with suppress(FileNotFoundError):
            if HALF.search(path.name) and path.stat().st_mtime < before:
                path.unlink()
    with suppress(OSError):  # it holds something, or is not there
        folder.rmdir()


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


def _id(path: str) -> UUID | None:
    try:
        return UUID(path.rpartition("/")[2])
    except ValueError:
        return None


def _key(path: str) -> Key | None:
    """None for what we have not put there."""
    try:
        org_id, id, part = path.split("/")
        return Key(UUID(org_id), UUID(id), part)
    except ValueError:
        return None
