"""axe on a page: what people with other eyes, ears and hands would run into (WCAG 2.2 AA)."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

SOURCE = Path(__file__).resolve().parents[2] / "web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _source() -> str:
    return SOURCE.read_text()


async def violations(page: Page, *, within: str | None = None) -> list[str]:
    """What axe finds on the page as it stands now: the rule, and the elements it is about."""
    if within:  # what is asked about may still be on its way, and axe does not wait
        await page.locator(within).first.wait_for()
    # evaluated, not added as a script: the page's policy lets nobody's in
    await page.evaluate(_source())
    found: list[dict[str, Any]] = await page.evaluate(
        """async ([within, rules]) => {
            const options = {runOnly: {type: "tag", values: rules}, resultTypes: ["violations"]};
            return (await axe.run(within ?? document, options)).violations;
        }""",
        [within, RULES],
    )
    return [
        f"{one['id']}: {node['html'][:200]} ({node['failureSummary'].splitlines()[-1].strip()})"
        for one in found
        for node in one["nodes"]
    ]


async def both_themes(page: Page, *, within: str | None = None) -> list[str]:
    """The same in light and in dark, whichever it is shown in; it comes back to what it was."""
    await page.locator("h1").first.wait_for(state="attached")  # a page that is still read has none
    before = await page.evaluate("document.documentElement.dataset.theme")
    found: list[str] = []
    for theme in ("light", "dark"):
        await page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        found += [f"{theme}: {one}" for one in await violations(page, within=within)]
    await page.evaluate("theme => document.documentElement.dataset.theme = theme", before)
    return found
