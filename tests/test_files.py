"""Files through the door people use: sent, attached, seen by whom, downloaded, deleted."""

import io
import os
import shutil
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from app.api import edge
from app.core import clock
from app.core.ids import new_id
from app.core.objects import Objects
from app.services.context import Ctx
from app.services.files import sweeping
from app.tasks.schedules import in_each
from tests.support.field import booked_with
from tests.support.people import Company, Person
from tests.support.work import some_work

FILES, ATTACHMENTS = "/api/v2/files", "/api/v2/attachments"
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


async def sent(person: Person, name: str, content: bytes) -> Any:
    """A file that must be taken; its JSON."""
    reply = await person.post(FILES, files={"file": (name, content)})
    assert reply.status_code == 201, reply.text
    return reply.json()


async def attached(person: Person, file: Any, entity: str, entity_id: str, **more: Any) -> Any:
    body = {"file_id": file["id"], "entity": entity, "entity_id": entity_id, **more}
    return await person.made(ATTACHMENTS, body)


def a_photograph(size: tuple[int, int] = (1600, 1200)) -> bytes:
    """A JPEG that says where and when it was taken, lying on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SECRETCAMERA"
    exif[0x8769] = {0x9003: "2026:05:06 07:08:09"}
    exif[0x8825] = {1: "N", 2: (33.0, 27.0, 1.0), 3: "W", 4: (112.0, 4.0, 2.0)}
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(
        out, "JPEG", exif=exif, comment=b"SECRETCOMMENT"
    )
    return out.getvalue()


async def test_a_file_is_sent_attached_downloaded_deleted_and_brought_back(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    ann = await dana.made("/api/v2/customers", {"name": "Ann Lee"})
    file = await sent(dana, "Contract.pdf", PDF)
    assert (file["name"], file["media_type"], file["length"]) == (
        "Contract.pdf", "application/pdf", len(PDF),
    )  # fmt: skip
    on_ann = await attached(dana, file, "customer", ann["id"], kind="document", caption="Signed")
    assert on_ann["file"]["id"] == file["id"]

    listed = await dana.got(ATTACHMENTS, entity="customer", entity_id=ann["id"])
    assert [one["id"] for one in listed["data"]] == [on_ann["id"]]
    twice = await dana.post(
        ATTACHMENTS, json={"file_id": file["id"], "entity": "customer", "entity_id": ann["id"]}
    )
    assert (twice.status_code, twice.json()["code"]) == (409, "already_exists")
    assert "attached to this record already" in twice.json()["detail"]
    changed = await dana.patched(f"{ATTACHMENTS}/{on_ann['id']}", 1, {"customer_visible": True})
    assert (changed["customer_visible"], changed["caption"]) == (True, "Signed")

    path = f"{FILES}/{file['id']}"
    assert (await dana.get(f"{path}/content")).content == PDF
    assert (await dana.delete(path)).status_code == 204
    for gone in (path, f"{path}/content", f"{ATTACHMENTS}/{on_ann['id']}"):
        assert (await dana.get(gone)).status_code == 404
    listed = await dana.got(ATTACHMENTS, entity="customer", entity_id=ann["id"])
    assert listed["data"] == []
    assert (await dana.made(f"{path}/restore"))["deleted_at"] is None
    assert (await dana.get(f"{path}/content")).content == PDF

    off = f"{ATTACHMENTS}/{on_ann['id']}"
    assert (await dana.delete(off)).status_code == 204
    assert (await dana.got(ATTACHMENTS, entity="customer", entity_id=ann["id"]))["data"] == []
    assert (await dana.made(f"{off}/restore"))["deleted_at"] is None
    story = await dana.got(f"/api/v2/customers/{ann['id']}/timeline")
    assert [one["sentence"] for one in story["data"]] == [
        "The attachment Signed was put back.",
        "The attachment Signed was taken off.",
        "The attachment Signed was changed (customer visible).",
        "Signed was attached.",
        "Customer Ann Lee was added.",
    ]
    of_file = await dana.got(f"{path}/timeline")
    assert [one["sentence"] for one in of_file["data"]] == [
        "File Contract.pdf was restored.",
        "File Contract.pdf was deleted.",
        f"Contract.pdf was sent ({len(PDF)} bytes).",
    ]


async def test_a_picture_keeps_its_time_and_loses_all_else_it_says(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    photo = await sent(dana, "IMG_0001", a_photograph())
    assert photo["name"] == "IMG_0001.jpg"
    assert (photo["width"], photo["height"]) == (1200, 1600)  # upright
    assert photo["taken_at"] == "2026-05-06T12:08:09.000000Z"  # seven in Chicago
    content = (await dana.get(f"{FILES}/{photo['id']}/content")).content
    assert len(content) == photo["length"]
    assert b"SECRET" not in content
    assert not Image.open(io.BytesIO(content)).getexif()

    for size, longest in (("small", 320), ("large", 1280)):
        reply = await dana.get(f"{FILES}/{photo['id']}/thumbnail", params={"size": size})
        thumbnail = Image.open(io.BytesIO(reply.content))
        assert (thumbnail.format, max(thumbnail.size)) == ("WEBP", longest)
    none = await dana.get(f"{FILES}/{(await sent(dana, 'a.txt', b'Hello'))['id']}/thumbnail")
    assert (none.status_code, none.json()["code"]) == (404, "no_thumbnail")


async def test_a_download_is_saved_and_never_shown(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    file = await sent(dana, "Grüße, “Dana”.txt", b"Hello <b>")
    reply = await dana.get(f"{FILES}/{file['id']}/content")
    assert reply.headers["content-disposition"] == (
        'attachment; filename="Gr__e_ _Dana_.txt";'
        " filename*=UTF-8''Gr%C3%BC%C3%9Fe%2C%20%E2%80%9CDana%E2%80%9D.txt"
    )
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_who_sees_a_record_sees_its_files_and_nobody_else_does(
    acme: Company, rival: Company
) -> None:
    dana, tina = await acme.person("dispatcher"), await acme.person("technician")
    olga, rob = await acme.person("owner"), await rival.person("owner")
    work = await some_work(acme, dana)
    mine, other = await work.order(summary="Mine"), await work.order(summary="Not mine")
    await booked_with(acme, mine, tina)
    seen, unseen = await sent(dana, "a.txt", b"for Tina"), await sent(dana, "b.txt", b"not")
    await attached(dana, seen, "work_order", mine["id"])
    hidden = await attached(dana, unseen, "work_order", other["id"])
    loose = await sent(tina, "c.txt", b"on nothing yet")

    assert (await tina.get(f"{FILES}/{seen['id']}/content")).content == b"for Tina"
    assert (await tina.get(f"{FILES}/{loose['id']}/content")).status_code == 200
    for person, file in ((tina, unseen), (rob, seen), (rob, loose), (olga, loose)):
        for part in ("", "/content", "/thumbnail", "/timeline"):
            reply = await person.get(f"{FILES}/{file['id']}{part}")
            assert (reply.status_code, reply.json()["code"]) == (404, "not_found")
    for person in (tina, rob):
        assert (await person.get(f"{ATTACHMENTS}/{hidden['id']}")).status_code == 404
        listed = await person.get(
            ATTACHMENTS, params={"entity": "work_order", "entity_id": other["id"]}
        )
        assert listed.status_code == 404
    # nobody makes a file their own by attaching it to what they see
    stolen = {"file_id": unseen["id"], "entity": "work_order", "entity_id": mine["id"]}
    reply = await tina.post(ATTACHMENTS, json=stolen)
    assert reply.status_code == 404
    assert reply.json()["errors"][0]["pointer"] == "/file_id"
    strange = await dana.post(ATTACHMENTS, json={**stolen, "entity_id": str(uuid4())})
    assert strange.json()["errors"][0]["pointer"] == "/entity_id"
    assert (await tina.delete(f"{FILES}/{seen['id']}")).status_code == 403


async def test_an_invoices_file_needs_the_right_to_read_invoices(acme: Company) -> None:
    dana, tina = await acme.person("dispatcher"), await acme.person("technician")
    reply = await tina.get(ATTACHMENTS, params={"entity": "invoice", "entity_id": str(uuid4())})
    assert reply.status_code == 403
    assert reply.json()["permission"] == "invoices:read"
    ann = await dana.made("/api/v2/customers", {"name": "Ann Lee"})
    note = {"entity": "customer", "entity_id": ann["id"], "body": "See the plan."}
    written = await dana.made("/api/v2/notes", note)
    plan = await sent(dana, "plan.txt", b"North")
    on_note = await attached(dana, plan, "note", written["id"])
    assert (await dana.got(f"{ATTACHMENTS}/{on_note['id']}"))["entity"] == "note"
    vera = await acme.person("viewer")
    assert (await vera.get(f"{FILES}/{plan['id']}/content")).content == b"North"
    story = await dana.got(f"/api/v2/customers/{ann['id']}/timeline", limit=1)
    assert story["data"][0]["sentence"] == "plan.txt was attached."
    await dana.delete(f"/api/v2/notes/{written['id']}")
    assert (await vera.get(f"{FILES}/{plan['id']}")).status_code == 404


async def test_the_same_file_sent_again_with_its_key_is_kept_once(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    key = {"Idempotency-Key": "once"}
    first = await dana.post(FILES, files={"file": ("a.txt", b"Hello")}, headers=key)
    again = await dana.post(FILES, files={"file": ("a.txt", b"Hello")}, headers=key)
    other = await dana.post(FILES, files={"file": ("a.txt", b"Other")}, headers=key)
    assert (first.status_code, again.content) == (201, first.content)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_rows_and_objects_that_lost_each_other_are_swept(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    kept, lost = await sent(dana, "kept.txt", b"kept"), await sent(dana, "lost.txt", b"lost")
    deleted = await sent(dana, "deleted.txt", b"deleted")
    await dana.delete(f"{FILES}/{deleted['id']}")
    ours = Path(".data/files") / str(acme.id)
    shutil.rmtree(ours / lost["id"])
    orphan, young = ours / str(new_id()) / "content", ours / str(new_id()) / "content"
    for path in (orphan, young):
        path.parent.mkdir()
        path.write_bytes(b"nobody's")
    hours_ago = time.time() - 2 * 3600
    for path in (orphan, ours / kept["id"] / "content"):
        os.utime(path, (hours_ago, hours_ago))

    await swept(acme, sweeping.remove_orphans, timedelta(0))
    await swept(acme, sweeping.report_lost, timedelta(hours=2))
    await swept(acme, sweeping.purge, timedelta(days=29))
    assert (orphan.exists(), young.exists()) == (False, True)
    assert (await dana.get(f"{FILES}/{kept['id']}/content")).content == b"kept"
    assert (await dana.get(f"{FILES}/{lost['id']}")).status_code == 404
    story = await dana.got(f"{FILES}/{lost['id']}/timeline", limit=1)
    assert story["data"][0]["sentence"] == (
        "The content of lost.txt is missing from the store; the file was removed."
    )
    restored = await dana.made(f"{FILES}/{deleted['id']}/restore")
    assert (await dana.get(f"{FILES}/{restored['id']}/content")).content == b"deleted"

    await dana.delete(f"{FILES}/{deleted['id']}")
    await swept(acme, sweeping.purge, timedelta(days=31))
    assert not (ours / deleted["id"]).exists()
    gone = await dana.post(f"{FILES}/{deleted['id']}/restore")
    assert (gone.status_code, gone.json()["code"]) == (409, "purged")


async def test_no_transaction_waits_for_the_store(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that is far away keeps no connection: what is swept takes as long as it takes."""
    dana = await acme.person("dispatcher")
    for name in ("far.txt", "away.txt", "gone.txt"):
        file = await sent(dana, name, b"far away")
    await dana.delete(f"{FILES}/{file['id']}")
    orphan = Path(".data/files") / str(acme.id) / str(new_id()) / "content"
    orphan.parent.mkdir()
    orphan.write_bytes(b"nobody's")
    os.utime(orphan, (0, 0))
    held: dict[str, set[int]] = {}
    pool: Any = acme.server.state.engine.pool

    def watched(name: str) -> None:
        asked = getattr(Objects, name)

        async def ask(*given: Any) -> Any:
            held.setdefault(name, set()).add(pool.checkedout())
            return await asked(*given)

        monkeypatch.setattr(Objects, name, ask)

    watched("has")
    watched("remove")
    await swept(acme, sweeping.remove_orphans, timedelta(0))
    await swept(acme, sweeping.report_lost, timedelta(hours=2))
    await swept(acme, sweeping.purge, timedelta(days=31))
    assert held == {"has": {0}, "remove": {0}}
    assert not orphan.exists()
    assert (await dana.post(f"{FILES}/{file['id']}/restore")).json()["code"] == "purged"


async def swept(company: Company, sweep: Callable[[Ctx], Awaitable[int]], later: timedelta) -> None:
    """What the clock does, so much later."""
    with clock.set_to(clock.now() + later):
        await in_each(company.server.state.sessions, "sweep", sweep)


async def test_a_file_that_was_not_kept_leaves_its_objects_to_the_sweeper(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    ours = Path(".data/files") / str(acme.id)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(edge, "_tag", lambda _: 1 / 0)  # after the object, before the commit
        reply = await dana.post(FILES, files={"file": ("a.txt", b"half kept")})
    assert reply.status_code == 500
    left = [path for path in ours.glob("*/content") if path.read_bytes() == b"half kept"]
    assert len(left) == 1
    os.utime(left[0], (0, 0))
    await swept(acme, sweeping.remove_orphans, timedelta(0))
    assert not left[0].exists()


async def test_full_storage_is_said_so(acme: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    dana = await acme.person("dispatcher")
    monkeypatch.setattr(acme.server.state.settings, "storage_megabytes", 0)
    reply = await dana.post(FILES, files={"file": ("a.txt", b"Hello")})
    assert (reply.status_code, reply.json()["code"]) == (409, "storage_full")


async def test_a_store_that_is_away_is_said_so(acme: Company, tmp_path: Path) -> None:
    dana = await acme.person("dispatcher")
    file = await sent(dana, "a.txt", b"Hello")
    ours = Path(".data/files") / str(acme.id) / file["id"]
    ours.rename(tmp_path / "away")
    missing = await dana.get(f"{FILES}/{file['id']}/content")
    assert (missing.status_code, missing.json()["code"]) == (404, "content_missing")
    ours.write_bytes(b"not a folder")
    away = await dana.get(f"{FILES}/{file['id']}/content")
    assert (away.status_code, away.headers["retry-after"]) == (503, "5")
    assert away.json()["detail"] == "The store of files is out of reach. Try again in a moment."


async def test_in_another_store_no_file_is_called_lost(rival: Company) -> None:
    rob = await rival.person("owner")
    files = [await sent(rob, f"{n}.txt", b"here") for n in range(2)]
    ours = Path(".data/files") / str(rival.id)
    ours.rename(ours.with_suffix(".elsewhere"))
    await swept(rival, sweeping.report_lost, timedelta(hours=2))
    ours.with_suffix(".elsewhere").rename(ours)
    for file in files:
        assert (await rob.get(f"{FILES}/{file['id']}/content")).content == b"here"


async def test_a_large_text_comes_back_whole_packed_or_not(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    text = b"".join(b"%d,row\n" % n for n in range(60_000))
    file = await sent(dana, "rows.csv", text)
    for encoding in ("identity", "gzip"):
        reply = await dana.get(
            f"{FILES}/{file['id']}/content", headers={"Accept-Encoding": encoding}
        )
        assert reply.content == text
    head = await dana.head(f"{FILES}/{file['id']}/content")
    assert (head.status_code, head.content) == (200, b"")
