"""How the cost of a request grows: with what it answers, not with what the tables hold."""

from bench.measuring import KINDS, alone
from bench.setting import Setting

MOST = {"get": 1.5, "list": 1.5, "search": 2.5, "create": 2.5}
"""How much dearer the same answer may be where a hundred times as much is stored. The lists of the
trigrams in a word grow with the names there are, so search doubles, and so does looking whether a new
name resembles one of them."""
ASKED = tuple(kind for kind in KINDS if kind.name in MOST)


class Growth:
    """What each request cost at each size."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._found: dict[str, dict[str, float]] = {}

    async def note(self, what: str) -> None:
        """Measure every kind of request at this size."""
        self._found[what] = {kind.name: await alone(self._setting, kind) for kind in ASKED}
        await self._setting.settle()

    def show(self) -> bool:
        """Print it; whether nothing grew beyond `MOST` times its cost at the smallest size."""
        names = [kind.name for kind in ASKED]
        print(f"{'':22}" + "".join(f"{name:>9}" for name in names) + "   µs of CPU a request")
        for what, costs in self._found.items():
            print(f"{what:22}" + "".join(f"{costs[name]:9.0f}" for name in names))
        first, *_ = self._found.values()
        worst = {
            name: max(costs[name] for costs in self._found.values()) / first[name] for name in names
        }
        print(f"{'dearest / smallest':22}" + "".join(f"{worst[name]:9.2f}" for name in names))
        return all(worst[name] <= MOST[name] for name in names)
