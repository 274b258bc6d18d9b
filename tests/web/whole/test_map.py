"""Maps on machines that cannot draw them by WebGL, and over a basemap that we serve ourselves."""

import asyncio
import re
import struct
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, expect

from tests.support.field import a_job
from tests.support.people import Company
from tests.support.server import Server
from tests.support.tracking import at_work
from tests.web.conftest import ROOT
from tests.web.pages import Visitor
from tests.web.whole.test_map_live import DRAWN


async def test_without_webgl_the_map_is_the_same_in_plain_svg(
    browser: Browser, visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    made = await job.planned(await at_work(acme, "Ada Ode"))
    found = await asyncio.to_thread(
        subprocess.run,
        ["requirements/install-browser"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    blunt = await browser.browser_type.launch(
        executable_path=found.stdout.strip(),
        args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-3d-apis"],
    )
    visit.stack.push_async_callback(blunt.close)
    page = await Visitor(blunt, visit.server, visit.stack)(f"/map?date={job.day}", person=job.dana)
    await expect(page.locator('[data-drawn="true"]')).to_be_visible(timeout=DRAWN)
    await expect(page.locator('svg[data-ground="plain"]')).to_be_visible()
    pin = page.locator(f'[data-pin="{made["id"]}"]')
    await pin.click()
    await expect(page).to_have_url(re.compile(f"visit={made['id']}"))
    stop = page.get_by_role("region", name="Ada Ode").get_by_role("button", pressed=True)
    await expect(stop).to_be_visible()
    before = await pin.bounding_box()
    assert before is not None
    await page.mouse.move(before["x"] - 200, before["y"] - 100)
    await page.mouse.down()
    await page.mouse.move(before["x"] - 120, before["y"] - 100, steps=3)
    await page.mouse.up()
    after = await pin.bounding_box()
    assert after is not None
    assert after["x"] - before["x"] == pytest.approx(80, abs=2)
    await page.get_by_role("button", name="Farther").click()
    await page.get_by_role("button", name="Show all").click()
    await expect(pin).to_be_in_viewport()


def town() -> bytes:
    """A PMTiles archive of one picture: all the world in one colour."""
    picture = BytesIO()
    Image.new("RGB", (256, 256), (200, 30, 160)).save(picture, "png")
    tile = picture.getvalue()
    length = bytes([len(tile) & 0x7F | 0x80, len(tile) >> 7])
    directory = b"\x01\x00\x01" + length + b"\x01"
    about = b"{}"
    tiles = 127 + len(directory) + len(about)
    head = b"PMTiles\x03" + struct.pack(
        "<11Q",
        127,
        len(directory),
        127 + len(directory),
        len(about),
        0,
        0,
        tiles,
        len(tile),
        1,
        1,
        1,
    )
    head += bytes([1, 1, 1, 2, 0, 0]) + struct.pack(
        "<4i", -180 * 10**7, -85 * 10**7, 180 * 10**7, 85 * 10**7
    )
    head += struct.pack("<B2i", 0, 0, 0)
    return head + directory + about + tile


async def test_a_basemap_of_ours_lies_under_the_pins(
    visit: Visitor, server: Server, acme: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "town.pmtiles"
    file.write_bytes(town())
    for name, value in (
        ("basemap", "pmtiles"),
        ("basemap_url", str(file)),
        ("basemap_attribution", "Drawn by nobody"),
    ):
        monkeypatch.setattr(server.state.settings, name, value)
    job = await a_job(acme)
    await job.planned(await at_work(acme, "Ben Ode"))
    page = await visit(f"/map?date={job.day}", person=job.dana)
    await expect(page.locator('[data-drawn="true"]')).to_be_visible(timeout=DRAWN)
    await expect(page.get_by_text("Drawn by nobody")).to_be_attached(timeout=DRAWN)
    ground = page.locator('[data-ground="webgl"]')
    await expect(ground).to_be_visible()
    picture = Image.open(BytesIO(await ground.screenshot())).convert("RGB")
    assert picture.getpixel((60, picture.height // 2)) == (200, 30, 160)
