"""The file of a backup: a tar with the parts, the manifest, and last the digest of all before it.

Any tar program reads it. It is written in one pass, so it can go through a pipe; it is read twice,
first for the digest, so nothing is taken out of a file that is not what was written.
"""

import hashlib
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

MANIFEST = "manifest.json"
DIGEST = "sha256"
FORMAT = 1
BLOCK = 512
READ = 1024 * 1024


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
        self._write(_header(name, length))
        own, written = hashlib.sha256(), 0
        for chunk in chunks:
            own.update(chunk)
            written += len(chunk)
            self._write(chunk)
        if written != length:
            raise ValueError(f"{name} was to have {length} bytes and had {written}.")
        self._write(b"\0" * (-length % BLOCK))
        part = Part(name, length, own.hexdigest())
        self.parts.append(part)
        return part

    def finish(self, manifest: dict[str, Any]) -> None:
        """Write the manifest with the list of parts, and seal the archive."""
        listed = [{"name": p.name, "length": p.length, "sha256": p.sha256} for p in self.parts]
        content = orjson.dumps(
            {"format": FORMAT} | manifest | {"parts": listed},
            option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS,
        )
        self.add(MANIFEST, len(content), iter([content]))
        self._out.write(_tail(self._whole.hexdigest()))
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
    with tarfile.open(path, "r:") as tar:
        manifest = _manifest(tar)
    if manifest.get("format") != FORMAT:
        raise Damaged(
            f"{path.name} is a backup of form {manifest.get('format')}, and this version reads"
            f" {FORMAT}. Restore it with the version of Truckroll that wrote it."
        )
    return manifest


def contents(path: Path) -> Iterator[tuple[str, BinaryIO]]:
    """The parts of an archive that `manifest_of` has read, in their order: name and bytes."""
    with tarfile.open(path, "r:") as tar:
        for member in tar:
            if member.name not in (MANIFEST, DIGEST):
                yield member.name, _bytes(tar, member)


def _manifest(tar: tarfile.TarFile) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(_bytes(tar, tar.getmember(MANIFEST)).read())
    return found


def _bytes(tar: tarfile.TarFile, member: tarfile.TarInfo) -> BinaryIO:
    content = tar.extractfile(member)
    if content is None:
        raise Damaged(f"{member.name} is no file.")
    return content  # type: ignore[return-value]  # a buffered reader is one


def _what_is_wrong(path: Path) -> str:
    """Why the digest does not hold, as far as it can be said."""
    try:
        with tarfile.open(path, "r:") as tar:
            members = {member.name: member for member in tar}
            if MANIFEST not in members:
                return (
                    f"{path.name} is no whole backup: it has no manifest. It was cut off, or is"
                    " something else. Use another one."
                )
            listed = _manifest(tar)["parts"]
            wrong = [
                one["name"]
                for one in listed
                if one["name"] not in members
                or _digest(_bytes(tar, members[one["name"]])) != one["sha256"]
            ]
    except (tarfile.TarError, orjson.JSONDecodeError, KeyError, TypeError, EOFError) as error:
        return f"{path.name} is damaged so that it cannot be read ({error}). Use another one."
    where = ", ".join(wrong[:10]) or "the manifest, or the frame between the parts"
    return f"{path.name} is damaged: {where} is not what was written. Use another one."


def _digest(content: BinaryIO) -> str:
    whole = hashlib.sha256()
    while chunk := content.read(READ):
        whole.update(chunk)
    return whole.hexdigest()
