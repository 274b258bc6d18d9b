"""The file of a backup, or of one organisation: a tar with the parts, the manifest, and last the
digest of all before it.

Any tar program reads it. It is written in one pass, so it can go through a pipe; it is read twice,
first for the digest, so nothing is taken out of a file that is not what was written. Nothing in it is
packed: it holds as many bytes as it is long, and every one of them is covered by the digest.
"""

import hashlib
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

MANIFEST = "manifest.json"
DIGEST = "sha256"
FORMAT = 1
BLOCK = 512
READ = 1024 * 1024
LARGEST_MANIFEST = 256 * 1024 * 1024
LONGEST_NAME = 100
"""Of a part: what a plain tar header holds."""


class Damaged(ValueError):
    """The archive is not what was written, or no archive of ours; says where."""


@dataclass(frozen=True)
class Part:
    """A member of the archive."""

    name: str
    length: int
    sha256: str


class Writer:
    """Writes parts, then the manifest that lists them, then the digest."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._whole = hashlib.sha256()
        self.parts: list[Part] = []
        self.length = 0

    def add(self, name: str, length: int, chunks: Iterator[bytes]) -> Part:
        """A part of a known length. Raises ValueError when it turns out to be of another."""
        with self.adding(name, length) as write:
            for chunk in chunks:
                write(chunk)
        return self.parts[-1]

    @contextmanager
    def adding(self, name: str, length: int) -> Iterator[Callable[[bytes], None]]:
        """As `add`, for whoever comes by the bytes in another way."""
        self._write(_header(name, length))
        own, written = hashlib.sha256(), 0

        def write(chunk: bytes) -> None:
            nonlocal written
            own.update(chunk)
            written += len(chunk)
            self._write(chunk)

        yield write
        if written != length:
            raise ValueError(f"{name} was to have {length} bytes and had {written}.")
        self._write(b"\0" * (-length % BLOCK))
        self.parts.append(Part(name, length, own.hexdigest()))

    def finish(self, manifest: dict[str, Any]) -> None:
        """Write the manifest with the list of parts, and seal the archive."""
        listed = [{"name": p.name, "length": p.length, "sha256": p.sha256} for p in self.parts]
        whole = {"format": FORMAT} | manifest | {"parts": listed}
        content = _written(whole | {"self": _own_digest(whole)})
        self.add(MANIFEST, len(content), iter([content]))
        self._out.write(_tail(self._whole.hexdigest()))
        self.length += TAIL
        self._out.flush()

    def _write(self, content: bytes) -> None:
        self._whole.update(content)
        self.length += len(content)
        self._out.write(content)


def _header(name: str, length: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = length, 0o600
    return info.tobuf(tarfile.GNU_FORMAT)


def _tail(digest: str) -> bytes:
    """The last member, and the two empty blocks that end a tar."""
    content = f"{digest}\n".encode()
    return (
        _header(DIGEST, len(content))
        + content
        + b"\0" * (-len(content) % BLOCK)
        + b"\0" * BLOCK * 2
    )


TAIL = len(_tail("0" * 64))


def manifest_of(path: Path, progress: Callable[[int], None] = lambda _: None) -> dict[str, Any]:
    """The manifest of an archive of which every byte is as it was written.

    `progress` is told how many bytes were read. Raises `Damaged`, naming the parts that differ.
    """
    length = path.stat().st_size
    whole, read = hashlib.sha256(), 0
    with path.open("rb") as file:
        while read < length - TAIL:
            chunk = file.read(min(READ, length - TAIL - read))
            whole.update(chunk)
            read += len(chunk)
            progress(read)
        intact = file.read() == _tail(whole.hexdigest())
    if not intact:
        raise Damaged(_what_is_wrong(path))
    manifest = _read_manifest(path)
    if manifest.get("format") != FORMAT:
        raise Damaged(
            f"{path.name} is an archive of form {manifest.get('format')}, and this version reads"
            f" {FORMAT}. Restore it with the version of Truckroll that wrote it."
        )
    return manifest


def contents(path: Path) -> Iterator[tuple[str, BinaryIO]]:
    """The parts of an archive that `manifest_of` has read, in their order: name and bytes."""
    return walk(path, _read_manifest(path))


def _read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of an archive whose digest holds. Raises `Damaged` where it has none."""
    at = _place_of_manifest(path)
    try:
        if at is None:
            raise ValueError("it has no manifest")
        length = path.stat().st_size - TAIL - at - BLOCK
        if length > LARGEST_MANIFEST:
            raise ValueError("its manifest is too large")
        with path.open("rb") as file:
            file.seek(at + BLOCK)
            found: dict[str, Any] = orjson.loads(file.read(length).rstrip(b"\0"))
        own = found.pop("self", None)
        if own is not None and own != _own_digest(found):
            raise ValueError("its manifest is not what was written")
        _ = [*_listed(found)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"{path.name} is no archive of Truckroll: {error}.") from error
    return found


def walk(path: Path, manifest: dict[str, Any]) -> Iterator[tuple[str, BinaryIO]]:
    """The parts of an archive that `manifest_of` has read, strictly as the manifest lists them.

    Raises `Damaged`, naming the part, for one that is of another name, kind, length or content, also
    where somebody wrote an archive so: a tar can hold what no archive of ours does.
    """
    with path.open("rb") as file:
        for name, length, sha256 in _listed(manifest):
            if file.read(BLOCK) != _header(name, length):
                raise Damaged(f"{path.name} is damaged at {name}: something else stands there.")
            part = _Reading(file, length)
            yield name, part  # type: ignore[misc]  # it reads as one
            while part.read(READ):
                pass
            if part.digest != sha256 or file.read(-length % BLOCK).strip(b"\0"):
                raise Damaged(_named(path, name))
        if (at := _place_of_manifest(path)) != file.tell():
            raise Damaged(
                f"{path.name} holds something that its manifest does not name, before"
                f" {MANIFEST} (at byte {at or file.tell()})."
            )


def _listed(manifest: dict[str, Any]) -> Iterator[tuple[str, int, str]]:
    for one in manifest["parts"]:
        name, length, sha256 = one["name"], one["length"], one["sha256"]
        if not (isinstance(name, str) and 0 < len(name.encode()) <= LONGEST_NAME):
            raise Damaged(f"The manifest names a part that no archive has: {str(name)[:200]}")
        if not (isinstance(length, int) and length >= 0):
            raise Damaged(f"The manifest says {name} is {length} bytes long.")
        yield name, length, sha256


class _Reading:
    """One part being read, digested as it goes by."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file, self._left, self._own = file, length, hashlib.sha256()

    def read(self, most: int = -1) -> bytes:
        wanted = self._left if most < 0 else min(most, self._left)
        chunk = self._file.read(wanted)
        self._left -= len(chunk) if chunk else self._left
        self._own.update(chunk)
        return chunk

    @property
    def digest(self) -> str:
        return self._own.hexdigest()


def _what_is_wrong(path: Path) -> str:
    """Why the digest does not hold: the first part that is not what was written."""
    at = _place_of_manifest(path)
    if at is None:
        return (
            f"{path.name} is no whole archive: its {MANIFEST} is damaged or not there. It was cut off,"
            " or is something else. Use another one."
        )
    with path.open("rb") as file:
        file.seek(at)
        length = path.stat().st_size - TAIL - at - BLOCK
        head, body = file.read(BLOCK), file.read(length)
    content = body.rstrip(b"\0")
    try:
        manifest = orjson.loads(content)
        own = manifest.pop("self")
        if own != _own_digest(manifest) or head != _header(MANIFEST, len(content)):
            return _named(path, MANIFEST)
        for _name, _part in walk(path, manifest):
            continue
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
        return str(error) if isinstance(error, Damaged) else _named(path, MANIFEST)
    return _named(path, DIGEST if body == content + b"\0" * (-len(content) % BLOCK) else MANIFEST)


def _named(path: Path, part: str) -> str:
    return f"{path.name} is damaged: {part} is not what was written. Use another one."


def _place_of_manifest(path: Path) -> int | None:
    """Where the manifest begins, looked for from the end: what is before it may be anything."""
    at = path.stat().st_size - TAIL - BLOCK
    mark = MANIFEST.encode() + b"\0"
    with path.open("rb") as file:
        while at >= 0:
            begin = max(at - READ + BLOCK, at % BLOCK)
            file.seek(begin)
            blocks = file.read(at + BLOCK - begin)
            for place in range(at - begin, -1, -BLOCK):
                if blocks.startswith(mark, place):
                    return begin + place
            at = begin - BLOCK
    return None


def _written(manifest: dict[str, Any]) -> bytes:
    return orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def _own_digest(manifest: dict[str, Any]) -> str:
    """What tells that a damaged archive is damaged in its manifest."""
    return hashlib.sha256(_written(manifest)).hexdigest()
