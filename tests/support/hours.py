"""A clock that people live by: `await hours.at(moment)` lets it stand there, for the whole process, and
everybody refresh their session, whose minutes pass with it. It only goes forward, as allowances do."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime

from app.core import clock
from tests.support.people import Person


class Hours:
    """Made by `living`."""

    def __init__(self) -> None:
        self.people: list[Person] = []
        self._stands = ExitStack()

    async def at(self, moment: datetime, *people: Person) -> None:
        """Let it be this moment; `people` are refreshed from now on."""
        assert moment >= clock.now(), "it only goes forward"
        self.people += [one for one in people if one not in self.people]
        self.set(moment)
        for one in self.people:
            await one.again()

    def set(self, moment: datetime) -> None:
        self._stands.close()
        self._stands.enter_context(clock.set_everywhere(moment))

    def end(self) -> None:
        self._stands.close()


@contextmanager
def living(moment: datetime) -> Iterator[Hours]:
    """A clock that stands at a moment until somebody moves it."""
    hours = Hours()
    hours.set(moment)
    try:
        yield hours
    finally:
        hours.end()
