"""How somebody likes the board: kept for them alone, in each organisation for itself."""

from tests.support.people import Company

BOARD = "/api/v2/me/preferences/board"


async def test_what_somebody_likes_is_kept_for_them_alone(acme: Company) -> None:
    dana, sam = await acme.person("dispatcher"), await acme.person("viewer")
    before = await dana.got(BOARD)
    assert (before["version"], before["board"]["fields"]) == (0, ["time"])
    liked = {"view": "week", "by": "crews", "hours": 8, "first_hour": 6, "tray": False}
    liked |= {"fields": ["promised", "city"]}
    kept = await dana.put(BOARD, json=liked)
    assert (kept.status_code, kept.json()) == (200, {"version": 1, "board": liked})
    assert await dana.got(BOARD) == kept.json()
    assert await sam.got(BOARD) == before
    again = await dana.put(BOARD, json={})
    assert again.json() == {"version": 2, "board": before["board"]}
    assert await dana.got(BOARD) == again.json()


async def test_what_a_board_cannot_be_is_refused(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    before = await dana.got(BOARD)
    for wrong in (
        {"hours": 3},
        {"hours": 25},
        {"first_hour": 24},
        {"fields": ["time", "time"]},
        {"fields": ["time", "city", "street", "phone", "number"]},
        {"fields": ["balance"]},
        {"colour": "red"},
    ):
        reply = await dana.put(BOARD, json=wrong)
        assert reply.status_code == 422, (wrong, reply.text)
    assert await dana.got(BOARD) == before
