"""How the cost of a read grows: with what it answers, not with what the tables hold."""

from bench.measuring import KINDS, alone
from bench.setting import Setting

READS = tuple(kind for kind in KINDS if not kind.name.startswith("create"))
MOST = {"get": 1.5, "list": 1.5, "search": 2.5}
"""How much dearer the same answer may be where a hundred times as much is stored. The lists of the
trigrams in a word grow with the names there are, so search doubles."""


class Growth:
    """What each read cost at each size."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._found: dict[str, dict[str, float]] = {}

    async def note(self, what: str) -> None:
        """Measure every read at this size."""
        self._found[what] = {kind.name: await alone(self._setting, kind) for kind in READS}

    def show(self) -> bool:
        """Print it; whether no read grew beyond `MOST` times its cost at the smallest size."""
        names = [kind.name for kind in READS]
        print(f"{'':22}" + "".join(f"{name:>9}" for name in names) + "   µs of CPU a request")
        for what, costs in self._found.items():
            print(f"{what:22}" + "".join(f"{costs[name]:9.0f}" for name in names))
        first, *_ = self._found.values()
        worst = {
            name: max(costs[name] for costs in self._found.values()) / first[name] for name in names
        }
        print(f"{'dearest / smallest':22}" + "".join(f"{worst[name]:9.2f}" for name in names))
        return all(worst[name] <= MOST[name] for name in names)
