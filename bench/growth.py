"""How the cost of a request grows: with what it answers, not with what the tables hold."""

from bench.measuring import KINDS, Kind, alone
from bench.setting import Setting

MOST = {"get": 1.5, "list": 1.5, "search": 2.5, "create": 2.5}
"""How much dearer the same answer may be where a hundred times as much is stored. The lists of the
trigrams in a word grow with the names there are, so search doubles, and so does looking whether a new
name resembles one of them."""
ASKED = tuple(kind for kind in KINDS if kind.name in MOST)
STILL = Kind("still", lambda setting, n: ("GET", "/still", b""), 320)
"""What costs the same whatever is stored, asked of the bare server in turn with each: the sizes are
measured minutes apart, and what the machine itself became slower by in between is not growth."""


class Growth:
    """What each request cost at each size."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._found: dict[str, dict[str, tuple[float, float]]] = {}

    async def note(self, what: str) -> None:
        """Measure every kind of request at this size."""
        await self._setting.quiet()
        found = {kind.name: await alone(self._setting, kind, STILL) for kind in ASKED}
        self._found[what] = found
        await self._setting.settle()

    def show(self) -> bool:
        """Print it; whether nothing grew beyond `MOST` times its cost at the smallest size."""
        names = [kind.name for kind in ASKED]
        print(f"{'':22}" + "".join(f"{name:>17}" for name in names) + "   µs of CPU a request")
        for what, costs in self._found.items():
            cells = (
                f"{ours:9.0f} /{still:6.0f}" for ours, still in (costs[name] for name in names)
            )
            print(f"{what:22}" + "".join(f"{cell:>17}" for cell in cells))
        first, *_ = self._found.values()
        worst = {
            name: max(_ratio(costs[name]) for costs in self._found.values()) / _ratio(first[name])
            for name in names
        }
        print(f"{'dearest / smallest':22}" + "".join(f"{worst[name]:17.2f}" for name in names))
        print("beside each: what costs the same at every size, asked in turn with it")
        return all(worst[name] <= MOST[name] for name in names)


def _ratio(found: tuple[float, float]) -> float:
    ours, still = found
    return ours / still
