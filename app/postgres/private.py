"""Folders of our own, and small files that only their owner reads, written whole or not at all.

Root keeps such a file in the name of whoever owns the folder, so that somebody who once ran
`sudo ./run` can still run without it.
"""

import os
import secrets
from pathlib import Path


def make(folder: Path) -> None:
    """Make the folder unless it is there. One that is there keeps the mode it has."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    # A service user passes through what root makes here, and can neither list nor read it.
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)


def write(path: Path, text: str) -> None:
    """Put `text` there, in place of what was there."""
    _draft(path, text).replace(path)


def write_once(path: Path, text: str) -> str:
    """Put `text` there unless somebody was faster; answer what is there now."""
    draft = _draft(path, text)
    try:
        # A link is made once or fails, where a rename would overwrite the faster one's file.
        path.hardlink_to(draft)
    except FileExistsError:
        return path.read_text()
    finally:
        draft.unlink()
    keep(path.parent)
    return text


def keep(folder: Path) -> None:
    """Make sure that what was just named in this folder has its name after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def secret(path: Path) -> str:
    """A random secret that stays the same once it was asked for."""
    if path.exists():
        return path.read_text()
    return write_once(path, secrets.token_urlsafe(32))


def _draft(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        # A secret that a power cut empties is a database that nobody can open.
        os.fsync(file.fileno())
        owner = path.parent.stat()
        if os.geteuid() == 0 and owner.st_uid != 0:
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
    return draft
