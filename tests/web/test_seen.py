"""What looks for cut numbers finds them, and finds nothing else."""

from playwright.async_api import Browser

from tests.web.seen import clipped, room_for, rows_seen

PAGE = """
<style>.cut {overflow: hidden; width: 40px; white-space: nowrap} .rows {height: 90px; overflow: auto}
td {height: 30px} table {border-spacing: 0}</style>
<p class="cut">$1,234,567.00</p>
<p class="cut"><b>12 Elm Street, a name</b></p>
<p class="cut"><time>Mon, Nov 23, 10:05</time></p>
<p style="overflow: auto; width: 40px; white-space: nowrap">555 0100 555 0100</p>
<p style="overflow: hidden; height: 8px">42</p>
<p>$12.00</p>
<div class="rows"><table><tbody>
<tr><td>a</td></tr><tr><td>b</td></tr><tr><td>c</td></tr><tr><td>d</td></tr>
</tbody></table></div>
"""


async def test_what_is_cut_and_what_is_in_sight(browser: Browser) -> None:
    page = await browser.new_page(viewport={"width": 400, "height": 400})
    await page.set_content(PAGE)
    assert await clipped(page) == [
        "$1,234,567.00 in p.cut",
        "Mon, Nov 23, 10:05 in p.cut > time",
        "42 in p",
    ]
    assert await rows_seen(page, "tbody tr") == 3
    assert await room_for(page, "tbody tr") == 3
    await page.close()
