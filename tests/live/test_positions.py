"""Where technicians are, told live: to those who reach them and have looked, and to nobody else."""

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
