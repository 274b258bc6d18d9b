"""What a process remembers stays within what it may weigh."""

from app.core.recent import Recent


def test_what_was_used_longest_ago_goes_when_there_is_no_room() -> None:
    kept: Recent[str, bytes] = Recent(10, len)
    for key in "abc":
        kept.keep(key, b"four"[:3])
    assert kept.get("a") == b"fou"
    kept.keep("d", b"four")
    assert [kept.get(key) for key in "abcd"] == [b"fou", None, b"fou", b"four"]
    assert (kept.weight, len(kept)) == (10, 3)
    kept.keep("a", b"")
    kept.keep("e", b"xyz")
    assert (kept.weight, len(kept)) == (10, 4)


def test_one_that_weighs_more_than_all_may_stays_alone() -> None:
    kept: Recent[int, bytes] = Recent(10, len)
    kept.keep(1, b"abc")
    kept.keep(2, bytes(50))
    assert (kept.get(1), kept.get(2), kept.weight) == (None, bytes(50), 50)
    kept.keep(3, b"abc")
    assert (kept.get(2), kept.get(3), kept.weight) == (None, b"abc", 3)
