"""Turns at the database: nobody waits for all of another organisation's."""

import asyncio
from uuid import UUID, uuid4

from app.realtime.turns import Turns

BUSY, CALM = uuid4(), uuid4()


async def reads(turns: Turns, org_id: UUID, order: list[UUID]) -> None:
    async with turns.of(org_id):
        order.append(org_id)
        await asyncio.sleep(0)


async def test_organisations_take_turns() -> None:
    turns, order = Turns(2), list[UUID]()
    asked = [BUSY] * 500 + [CALM] * 2
    await asyncio.gather(*(reads(turns, one, order) for one in asked))
    assert sorted(order) == sorted(asked)
    assert [place for place, one in enumerate(order) if one == CALM] == [3, 5]


async def test_so_many_at_once_and_no_more() -> None:
    turns, most, now = Turns(2), 0, 0

    async def read(org_id: UUID) -> None:
        nonlocal most, now
        async with turns.of(org_id):
            now += 1
            most = max(most, now)
            await asyncio.sleep(0)
            now -= 1

    await asyncio.gather(*(read(org_id) for org_id in [BUSY, CALM] * 20))
    assert most == 2


async def test_who_goes_away_takes_nobodys_turn() -> None:
    """Those who wait, and the one whose turn it is just now."""
    turns, order = Turns(1), list[UUID]()
    going = asyncio.Event()

    async def hold() -> None:
        async with turns.of(BUSY):
            await going.wait()
        waiting[0].cancel()  # it was given the turn, and has not begun

    holding = asyncio.create_task(hold())
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(reads(turns, BUSY, order)) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[1].cancel()
    going.set()
    await asyncio.gather(holding, *waiting, return_exceptions=True)
    assert order == [BUSY]
    await asyncio.wait_for(reads(turns, CALM, order), 1)
    assert order == [BUSY, CALM]
