"""Whoever gives way is pushed back: nobody overlaps afterwards, and nobody moves for nothing."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.dispatching.pushing import Block, push_back
from tests.support.deep import times

EIGHT = datetime(2026, 11, 23, 8, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
PEOPLE = [UUID(int=n) for n in (1, 2, 3)]


@st.composite
def boards(draw: st.DrawFn) -> list[Block]:
    """Blocks of a day, none of which meets another; the first is the new one, which may."""
    blocks: list[Block] = []
    for n in range(draw(st.integers(1, 10))):
        start = EIGHT + QUARTER * draw(st.integers(0, 48))
        who = frozenset(draw(st.sets(st.sampled_from(PEOPLE), min_size=1)))
        end = start + QUARTER * draw(st.integers(1, 10))
        block = Block(UUID(int=100 + n), who, start, end, fixed=n > 0 and draw(st.booleans()))
        if n == 0 or not any(block.meets(one) for one in blocks[1:]):
            blocks.append(block)
    return blocks


@settings(max_examples=times(60, deep=5_000), deadline=None)
@given(boards(), st.integers(0, 45))
def test_nobody_overlaps_and_nobody_moves_for_nothing(blocks: list[Block], drive: int) -> None:
    new, *board = blocks
    way = timedelta(minutes=drive)
    moved = push_back(new, board, lambda _a, _b: way, MIDNIGHT)
    after = [new]
    for block in board:
        place = moved.get(block.id, block.start)
        assert not (block.fixed and block.id in moved)
        assert place is None or place >= block.start
        after += [block.at(place)] if place is not None else []
    movable = [one for one in after if not one.fixed and one is not new]
    assert not any(one.meets(other) for one in movable for other in after if one.id != other.id), (
        "but for the new one with what is fixed, which its booking refuses"
    )
    assert all(one.end <= MIDNIGHT for one in movable if one.id in moved)
    hit = [new, *(one for one in after if one.id in moved)]
    gone = [one for one in board if moved.get(one.id, one.start) is None]
    for block in board:
        was_hit = any(block.meets(one) for one in hit if one.id != block.id)
        if block.id in moved and block not in gone:
            assert was_hit, "whoever moved was in somebody's way"
        if not was_hit and not block.fixed:
            assert block.id not in moved or block in gone


def test_a_meeting_is_gone_round_and_the_day_ends() -> None:
    def at(hour: float) -> datetime:
        return EIGHT + timedelta(hours=hour - 8)

    tess = frozenset({PEOPLE[0]})
    new = Block(UUID(int=1), tess, at(9), at(11))
    first = Block(UUID(int=2), tess, at(9), at(10))
    meeting = Block(UUID(int=3), tess, at(11.5), at(12), fixed=True)
    second = Block(UUID(int=4), tess, at(14), at(15))
    late = Block(UUID(int=5), tess, at(12), at(23.5))
    board = [first, meeting, second]
    moved = push_back(new, board, lambda _a, _b: QUARTER, MIDNIGHT)
    assert moved == {first.id: at(12.25)}, "11:15 would run into the meeting"
    moved = push_back(new, [first, meeting, late], lambda _a, _b: QUARTER, MIDNIGHT)
    assert moved == {first.id: at(12.25), late.id: None}, "no room is left for that one"
