"""axe on a page: what people with other eyes, ears and hands would run into (WCAG 2.2 AA)."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

SOURCE = Path(__file__).resolve().parents[2] / "web/node_modules/axe-core/axe.min.js"
RULES = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
OF_COLORS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""Of those rules the ones that a theme can break: it changes colors and nothing else."""


@cache
def _source() -> str:
    return SOURCE.read_text()


async def violations(
    page: Page, *, within: str | None = None, rules: Mapping[str, object] = RULES
) -> list[str]:
    """What axe finds on the page as it stands now: the rule, and the elements it is about."""
    if within:  # what is asked about may still be on its way, and axe does not wait
        await page.locator(within).first.wait_for()
    if await page.evaluate("typeof axe === 'undefined'"):
        # evaluated, not added as a script: the page's policy lets nobody's in
        await page.evaluate(_source())
    found: list[dict[str, Any]] = await page.evaluate(
        """async ([within, rules]) => {
            const options = {runOnly: rules, resultTypes: ["violations"]};
            return (await axe.run(within ?? document, options)).violations;
        }""",
        [within, rules],
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
    for theme, rules in (("light", RULES), ("dark", OF_COLORS)):
        await page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        found += [f"{theme}: {one}" for one in await violations(page, within=within, rules=rules)]
    await page.evaluate("theme => document.documentElement.dataset.theme = theme", before)
    return found
