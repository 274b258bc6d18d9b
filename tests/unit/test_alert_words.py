"""How long something is late, as people say it."""

import pytest

from app.services.dispatching.watching import length


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (1, "1 minute"),
        (95, "95 minutes"),
        (120, "2 hours"),
        (181, "3 hours 1 minute"),
        (256, "4 hours 16 minutes"),
    ],
)
def test_a_length_is_said_in_hours_where_it_has_some(minutes: int, said: str) -> None:
    assert length(minutes) == said
