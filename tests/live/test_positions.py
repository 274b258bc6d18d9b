"""Where technicians are, told live: to those who reach them and have looked, and to nobody else."""

from datetime import timedelta

from app.core import clock
from tests.support.live import listening
from tests.support.people import Company
from tests.support.tracking import PHOENIX, ago, at_work, ping, told


async def test_positions_are_told_live_to_whoever_has_looked(acme: Company) -> None:
    dana, vera = await acme.person("dispatcher"), await acme.person("viewer")
    mona = await acme.person("manager")
    tess = await acme.person("technician", "Tess")
    hers = await at_work(acme, "Tess Ode", who=tess)
    await told(tess, hers, [ping(ago(3), *PHOENIX)])
    await dana.got("/api/v2/technicians/positions")
    async with (
        listening(dana, "gps") as board,
        listening(tess, f"technician:{hers}") as own,
        listening(mona, "gps") as manager,
        listening(vera, f"technician:{hers}") as viewer,
    ):
        await told(tess, hers, [ping(ago(1), 33.45, -112.07)])
        seen = await board.one("position")
        assert (seen["technician_id"], seen["latitude"], seen["topic"]) == (hers, 33.45, "gps")
        assert (await own.one("position"))["longitude"] == -112.07

        await mona.got("/api/v2/technicians/positions")
        await told(tess, hers, [ping(ago(0.5), 33.46, -112.07)])
        assert (await manager.one("position"))["latitude"] == 33.46  # not what was before
        # told in the same breath: who may not know, and who had not looked, heard nothing before
        assert (viewer.all("position"), len(manager.all("position"))) == ([], 1)


async def test_nobody_is_told_live_where_somebody_is_who_is_off(acme: Company) -> None:
    """What comes in late, after the shift: the list shows no place, and none is told."""
    dana, olga = await acme.person("dispatcher"), await acme.person("owner")
    off, left, here = [await at_work(acme, name) for name in ("Otto Off", "Lea Left", "Hal Here")]
    for who in (off, left, here):
        await told(dana, who, [ping(ago(60 * 54), *PHOENIX)])
    await dana.got("/api/v2/technicians/positions", limit=200)
    day = (clock.now() - timedelta(days=1)).date()
    away = {
        "technician_id": off,
        "name": "Away",
        "valid_from": day.isoformat(),
        "valid_until": (day + timedelta(days=3)).isoformat(),
        "overrides": True,
        "spans": [],
    }
    await olga.made("/api/v2/shifts", away)
    path = f"/api/v2/technicians/{left}"
    gone = await olga.post(
        f"{path}/deactivate",
        json={},
        headers={"If-Match": f'"v{(await olga.got(path))["version"]}"'},
    )
    assert gone.status_code == 200, gone.text
    async with listening(dana, "gps") as board:
        for who in (off, left):
            await told(dana, who, [ping(ago(60 * 52), 33.45, -112.07)])
        await told(dana, here, [ping(ago(60 * 55), 33.45, -112.07)])  # older than what stands
        await told(dana, here, [ping(ago(1), 33.46, -112.07)])
        await board.until(
            lambda: [one for one in board.all("position") if one["latitude"] == 33.46]
        )
        listed = (await dana.got("/api/v2/technicians/positions", limit=200))["data"]
        shown = [one["technician"]["id"] for one in listed if one["position"] is not None]
        assert [one for one in (off, left, here) if one in shown] == [here]
        assert {one["technician_id"] for one in board.all("position")} == {here}
        assert len(board.all("position")) == 1


async def test_what_is_known_of_somebodys_day_is_told_no_longer_than_it_is_true(
    acme: Company,
) -> None:
    """They are told of, then their day is taken from them: from then on they are not."""
    dana, olga = await acme.person("dispatcher"), await acme.person("owner")
    off, here = await at_work(acme, "Ole Off"), await at_work(acme, "Hanna Here")
    for who in (off, here):
        await told(dana, who, [ping(ago(60 * 54), *PHOENIX)])
    await dana.got("/api/v2/technicians/positions", limit=200)
    day = (clock.now() - timedelta(days=1)).date()
    async with listening(dana, "gps") as board:
        for who in (off, here):
            await told(dana, who, [ping(ago(60 * 53), 33.45, -112.07)])
        await board.until(lambda: len(board.all("position")) == 2)
        away = {"technician_id": off, "name": "Away", "overrides": True, "spans": []}
        until = (day + timedelta(days=3)).isoformat()
        await olga.made(
            "/api/v2/shifts", {**away, "valid_from": day.isoformat(), "valid_until": until}
        )
        for who in (off, here):
            await told(dana, who, [ping(ago(60 * 52), 33.46, -112.07)])
        await board.until(lambda: len(board.all("position")) == 3)
        assert board.all("position")[-1]["technician_id"] == here
