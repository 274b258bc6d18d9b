"""What looks for cut numbers finds them, and finds nothing else."""

from playwright.async_api import Browser

from tests.web.seen import clipped, room_for, rows_seen

PAGE = """
<style>.cut {overflow: hidden; width: 40px; white-space: nowrap} .rows {height: 90px; overflow: auto}
.under {position: relative; margin: 0} .under > :not(i) {position: absolute; top: 0}
.through::after {content: ""; position: absolute; inset: 0 -300px -20px 0}
td {height: 30px} table {border-spacing: 0}</style>
<p class="cut">$1,234,567.00</p>
<p class="cut"><b>12 Elm Street, a name</b></p>
<p class="cut"><time>Mon, Nov 23, 10:05</time></p>
<p style="overflow: auto; width: 40px; white-space: nowrap">555 0100 555 0100</p>
<p style="overflow: hidden; height: 8px">42</p>
<p>$12.00</p>
<p class="under"><i>77</i><b style="left: 0; background: #fff">over</b></p>
<p class="under"><i>78</i><svg style="left: 10px" width="9" height="20"></svg></p>
<p class="under"><i>79</i><b style="left: 60px; background: #fff">beside</b></p>
<p class="under"><i>80</i><a href="/" class="through"></a></p>
<div style="height: 30px; overflow: auto"><b style="position: sticky; top: 0; background: #fff; display: block">x</b>
<p style="margin-top: -18px">81</p><p>82</p></div>
<div class="rows"><table><tbody>
<tr><td>a</td></tr><tr><td>b</td></tr><tr><td>c</td></tr><tr><td>d</td></tr>
</tbody></table></div>
"""


async def test_what_is_cut_and_what_is_in_sight(browser: Browser) -> None:
    page = await browser.new_page(viewport={"width": 400, "height": 600})
    await page.set_content(PAGE)
    assert await clipped(page) == [
        "$1,234,567.00 in p.cut",
        "Mon, Nov 23, 10:05 in p.cut > time",
        "42 in p",
        "77 in p.under > i",
        "78 in p.under > i",
    ]
    assert await rows_seen(page, "tbody tr") == 3
    assert await room_for(page, "tbody tr") == 3
    await page.close()
