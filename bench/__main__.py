"""`make bench`: what requests cost beside the bare limit, in CPU of server and PostgreSQL together.

Wall time on a shared machine says little, so each figure is CPU time read from /proc around a fixed
number of requests over eight connections; both servers take turns, and the median of the rounds
counts. Prints one table and ends with 1 when a ceiling does not hold.
"""

import asyncio
import sys
import tempfile
from math import inf
from pathlib import Path

from bench.growth import Growth
from bench.measuring import KINDS, Measured, compare
from bench.plans import Looks
from bench.setting import Setting, opened

SIZES = (1_000, 10_000, 100_000)
ORGANISATIONS = (1, 10, 100)
REST = 10_000
"""Work orders of each of the first nine other organisations; the rest have a tenth of it."""


def table(found: list[Measured]) -> bool:
    """Print the comparison; whether every ceiling holds."""
    print(f"\n{'':36}{'truckroll':>11}{'bare':>9}{'ratio':>8}{'target':>8}{'ceiling':>9}")
    for one in found:
        verdict = "" if one.ratio <= one.kind.target else "above the target"
        if one.ratio > one.kind.ceiling:
            verdict = "ABOVE THE CEILING" if one.kind.held else "above the ceiling, and known to be"
        print(
            f"{one.kind.name:36}{one.ours:11.0f}{one.bare:9.0f}{one.ratio:8.2f}"
            f"{_bar(one.kind.target):>8}{_bar(one.kind.ceiling):>9}  {verdict}"
        )
    print("µs of CPU a request, server and PostgreSQL together, medians of one run\n")
    return all(one.ratio <= one.kind.ceiling or not one.kind.held for one in found)


def _bar(figure: float) -> str:
    return "" if figure == inf else f"{figure:.1f}"


async def at_once(setting: Setting) -> bool:
    """The comparison alone, on few rows: `python -m bench --quick get`, for whoever works on one; or what
    reads look at: `python -m bench --quick plans`."""
    await setting.grow(0, SIZES[0])
    if "plans" in sys.argv:
        looks = Looks(setting)
        await looks.note(f"{SIZES[0]:,}")
        return looks.show()
    await setting.copy()
    named = {kind.name for kind in KINDS}.intersection(sys.argv)
    asked = [kind for kind in KINDS if kind.name in named or not named]
    return table([await compare(setting, kind) for kind in asked])


async def measured(setting: Setting) -> bool:
    """Everything."""
    growth, looks = Growth(setting), Looks(setting)
    before = 0
    for size in SIZES:
        await setting.grow(before, size)
        await growth.note(f"{size:,} work orders")
        await looks.note(f"{size:,}")
        before = size
    await setting.copy()
    holds = table([await compare(setting, kind) for kind in KINDS])
    for organisations in ORGANISATIONS[1:]:
        await setting.accompany(organisations - 1, REST if organisations == 10 else REST // 10)
        await growth.note(f"{organisations} organisations")
    flat = growth.show()
    bounded = looks.show()
    return holds and flat and bounded


async def main() -> int:
    with tempfile.TemporaryDirectory(prefix="truckroll-") as folder:
        data = Path(folder)
        data.chmod(0o755)
        async with opened(data) as setting:
            await setting.start_bare()
            measure = at_once if "--quick" in sys.argv else measured
            return 0 if await measure(setting) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
