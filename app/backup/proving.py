"""Whether a file is the archive of one organisation, whole and ours. Nothing of the database is asked."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from app.core.archive import Damaged, manifest_of, walk
from app.installation import NotReadyError, head
from app.models.files import Part
from app.services.leaving.carried import ENTRIES, TABLES
from app.services.leaving.packing import JOURNAL, KIND, digest_of

FILE = re.compile(r"files/([0-9a-f-]{36})/([a-z]+)")
NAMES = {one.part: one for one in (*TABLES, ENTRIES)} | {JOURNAL: ENTRIES}
"""Part → the table whose rows it holds."""
USERS = next(one for one in TABLES if one.name == "users")


def prove(path: Path) -> dict[str, Any]:
    """The manifest of an organisation's archive in which every byte and every digest is right, and
    that holds exactly the parts such an archive has. Raises `Damaged`, naming what is wrong."""
    manifest = manifest_of(path)
    if manifest.get("kind") != KIND:
        raise Damaged(
            f"{path.name} is a backup of a whole instance, not the archive of one organisation."
            f" Restore it into an empty place: ./run restore {path.name} --data new"
        )
    try:
        held = manifest["content"]
        if manifest["content_sha256"] != digest_of(held):
            raise Damaged(f"{path.name} is damaged: manifest.json is not what was written.")
        UUID(held["organisation"]["id"])
        expected = _expected(held)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, Damaged):
            raise
        raise Damaged(f"{path.name} is no archive of an organisation: {error!r}") from error
    listed = {one["name"]: one["sha256"] for one in manifest["parts"]}
    for name in listed.keys() - expected.keys():
        raise Damaged(f"{path.name} has a part that no archive has: {name}")
    for name in expected.keys() - listed.keys():
        raise Damaged(f"{path.name} lacks a part that every archive has: {name}")
    if len(listed) != len(manifest["parts"]):
        raise Damaged(f"{path.name} names a part twice.")
    for name, digest in expected.items():
        if listed[name] != digest:
            raise Damaged(f"{path.name} is damaged: {name} is not what was written.")
    for _name, _content in walk(path, manifest):
        continue
    return manifest


def _expected(held: dict[str, Any]) -> dict[str, str]:
    """Part → digest, of an archive with this content. Names of files are taken apart: no part of an
    archive says where on a disk it goes."""
    parts: dict[str, str] = {JOURNAL: held["journal"]["sha256"]}
    for name, figures in held["tables"].items():
        parts[f"tables/{name}.jsonl"] = figures["sha256"]
    for name, figures in held["files"]["parts"].items():
        found = FILE.fullmatch(f"files/{name}")
        if found is None or found[2] not in set(Part):
            raise Damaged(f"The archive has a part that no archive has: files/{name}")
        UUID(found[1])
        parts[f"files/{name}"] = figures["sha256"]
    return parts


def refuse_another(archive: Path, manifest: dict[str, Any], slug: str) -> None:
    there = manifest["content"]["organisation"]["slug"]
    if there != slug:
        raise NotReadyError(
            f"{archive.name} is the archive of “{there}”, not of “{slug}”. Say --org {there} if that"
            " is the one you mean."
        )


def refuse_schema(archive: Path, manifest: dict[str, Any]) -> None:
    there, here = manifest["content"]["schema"], head()
    names = {one.name for one in TABLES}
    if there != here or manifest["content"]["tables"].keys() != names:
        raise NotReadyError(
            f"{archive.name} was written by Truckroll {manifest['truckroll']} with the schema {there},"
            f" and this version has {here}. An archive is read by the version that wrote it: bring it"
            " in there, upgrade that instance, and have it written again."
        )


def people_of(archive: Path, manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Those who belong to the organisation, as a proved archive names them."""
    for name, content in walk(archive, manifest):
        if NAMES.get(name) is USERS:
            return [orjson.loads(line) for line in content.read().splitlines()]
    return []
