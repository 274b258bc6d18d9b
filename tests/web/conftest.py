"""A real browser beside the real server. A page that runs into its own policy, throws, or is answered 5xx
fails its story, whatever the story looks at."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.support.database import Database
from tests.support.deep import DEEP
from tests.support.journal import relaying
from tests.support.live import living
from tests.support.server import Server
from tests.web.pages import PATIENCE, Visitor

ROOT = Path(__file__).resolve().parents[2]
expect.set_options(timeout=PATIENCE)
collect_ignore = [] if DEEP else ["whole"]

LEFT_OUT = (
    # what Playwright leaves out, which ours would replace
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,"
    "ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,TcpPortRandomizationWin,"
    "OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,"
    # the tool bar that nobody sees: each window draws it in a process of its own
    "InitialWebUI,WebUIReloadButton,WebUIToolbar,WebUILocationBar,WebUIOmniboxPopup,"
    "PreloadTopChromeWebUI,SpareRendererForSitePerProcess"
)
"""Of Chromium, in each of the many browsers that stories open."""


@pytest.fixture(scope="session")
def built() -> None:
    """What is served is what the sources make; axe is there, which npm brings."""
    subprocess.run(["requirements/install-npm", "web"], cwd=ROOT, check=True)
    subprocess.run(["python3", "tools/clients.py"], cwd=ROOT, check=True)


@pytest_asyncio.fixture(scope="session")
async def browser(built: None) -> AsyncIterator[Browser]:
    """One Chromium for this worker."""
    found = await asyncio.to_thread(
        subprocess.run,
        ["requirements/install-browser"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    async with async_playwright() as playwright:
        # in a container of root's there is no sandbox to have; what is opened here is our own
        started = await playwright.chromium.launch(
            executable_path=found.stdout.strip(),
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                f"--disable-features={LEFT_OUT}",
            ],
        )
        yield started
        await started.close()


@pytest_asyncio.fixture(scope="module")
async def server(database: Database) -> AsyncIterator[Server]:
    """The real server with its hub and a relay: pages are live."""
    async with relaying(database), living(database) as running:
        yield running


@pytest_asyncio.fixture
async def visit(browser: Browser, server: Server) -> AsyncIterator[Visitor]:
    """`await visit("/sign-in")`: a page of a browser that has never been here."""
    async with AsyncExitStack() as stack:
        yield Visitor(browser, server, stack)


__all__ = ["BrowserContext", "Page"]
