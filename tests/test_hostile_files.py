"""Hostile files (check I1): none executes, none is served inline, metadata goes, memory is bounded."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.models.files import Media
from app.services.files.names import clean
from tests.support.hostile import Hostile, refused, taken
from tests.support.people import Company, Person

FILES = "/api/v2/files"
AT_ONCE = 6


def _form(hostile: Hostile) -> tuple[bytes, dict[str, str]]:
    """A form as no library would write it: the name just as it is."""
    name = hostile.name.replace("\\", "\\\\").replace('"', '\\"')
    head = (
        f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: {hostile.sent_as}\r\nContent-Length: 3\r\n\r\n"
    )
    return head.encode() + hostile.content + b"\r\n--b--\r\n", {
        "Content-Type": "multipart/form-data; boundary=b"
    }


async def _send_all(person: Person, files: dict[str, Hostile]) -> dict[str, Any]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def send(hostile: Hostile) -> Any:
        body, headers = _form(hostile)
        async with gate:
            return await person.post(FILES, content=body, headers=headers)

    replies = await asyncio.gather(*map(send, files.values()))
    return dict(zip(files, replies, strict=True))


def _highest_memory() -> int:
    """Megabytes that this process has had at most since it was last asked to forget."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


async def test_what_means_harm_is_refused_in_words_and_little_memory(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    hostile = refused()  # made before its memory is counted
    Path("/proc/self/clear_refs").write_text("5")  # forget the highest memory so far
    before = _highest_memory()
    replies = await _send_all(dana, hostile)
    grown = _highest_memory() - before
    assert {name: reply.status_code for name, reply in replies.items()} == dict.fromkeys(
        hostile, 422
    )
    problems = [reply.json() for reply in replies.values()]
    assert {one["errors"][0]["pointer"] for one in problems} == {"/file"}
    assert all(one["detail"].endswith((".", ".pdf if that is right.")) for one in problems)
    assert grown < 200


async def test_what_is_taken_has_lost_its_teeth(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    replies = await _send_all(dana, taken())
    assert {n: r.status_code for n, r in replies.items()} == dict.fromkeys(taken(), 201)
    names = {name: reply.json()["name"] for name, reply in replies.items()}
    assert names == {name: hostile.kept_as for name, hostile in taken().items()}
    for name, reply in replies.items():
        file = reply.json()
        assert file["media_type"] in set(Media)
        download = await dana.get(f"{FILES}/{file['id']}/content")
        assert download.headers["content-disposition"].startswith("attachment;"), name
        assert download.headers["x-content-type-options"] == "nosniff"
        assert download.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert download.headers["content-type"].startswith(file["media_type"])
        assert len(download.content) == file["length"]
        assert b"SECRET" not in download.content, name


async def test_pictures_keep_nothing_but_pixels(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    pictures = {n: h for n, h in taken().items() if n.startswith(("JPEG", "PNG", "WebP"))}
    replies = await _send_all(dana, pictures)
    assert len(replies) == 6
    for reply in replies.values():
        content = (await dana.get(f"{FILES}/{reply.json()['id']}/content")).content
        picture = Image.open(io.BytesIO(content))
        assert not picture.getexif()
        assert not {"icc_profile", "comment", "xmp", "exif", "SECRET"} & picture.info.keys()
        assert getattr(picture, "n_frames", 1) == 1


async def test_a_name_with_a_nul_or_none_at_all_is_no_file(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    nul = await _send_all(dana, {"NUL": Hostile("a\0.txt", b"x")})
    assert nul["NUL"].status_code in {400, 422}
    unnamed = await dana.post(FILES, data={"file": "text"}, files={"other": ("a.txt", b"x")})
    assert unnamed.status_code == 422


async def _raw(person: Person, body: bytes, length: int) -> bytes:
    """The first line that answers a form sent with this Content-Length."""
    host, _, port = str(person.base_url).removeprefix("http://").rstrip("/").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"POST {FILES} HTTP/1.1\r\nHost: x\r\nAuthorization: {person.headers['Authorization']}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    try:
        return await asyncio.wait_for(reader.readline(), 10)
    finally:
        writer.close()


async def test_a_length_that_lies_is_refused_or_cut(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    body, headers = _form(Hostile("a.txt", b"Hello"))
    assert b" 413 " in await _raw(dana, body, 30 * 1024**2)
    assert b" 400 " in await _raw(dana, body, len(body) - 20)

    async def endless() -> AsyncIterator[bytes]:
        yield body[: body.index(b"Hello")]
        for _ in range(400):
            yield b"x" * 100_000

    never_ends = await dana.post(FILES, content=endless(), headers=headers)
    assert never_ends.status_code == 413
    # the form fits, the file does not
    large = await dana.post(FILES, files={"file": ("a.txt", b"x" * (25 * 1024**2 + 1))})
    assert (large.status_code, large.json()["detail"]) == (413, "This file is larger than 25 MB.")


async def test_who_may_not_send_is_told_before_the_file_is_read(acme: Company) -> None:
    vera = await acme.person("viewer")
    body, _ = _form(Hostile("a.txt", b"Hello"))
    assert b" 403 " in await _raw(vera, body[:40], 20 * 1024**2)
    vera.headers["Authorization"] = "Bearer nobody"
    assert b" 401 " in await _raw(vera, body[:40], 20 * 1024**2)


@pytest.mark.parametrize("name", ["", "/", "\\", "..", "\u202e", "\x1b[2J", " . "])
def test_a_name_of_nothing_is_still_a_name(name: str) -> None:
    assert clean(name) in {"file", "[2J"}
