"""JSON that two readers could understand differently, or that cannot be stored, is refused."""

import pytest

from app.api.strict import MAX_DEPTH, parse
from app.core.errors import BadRequest


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"a": "x\\u0000y"}', "invalid_character"),
        (b'{"a": "x\x00y"}', "invalid_json"),
        (b'{"a": ["\\ud800"]}', "invalid_character"),
        (b'{"\\ud800": 1}', "invalid_character"),
        (b'{"a": "\xed\xa0\x80"}', "invalid_encoding"),
        (b'{"a": 1e999}', "invalid_json"),
        (b'{"a": [-1e999]}', "invalid_json"),
        (b'{"a": NaN}', "invalid_json"),
        (b'{"a": 1, "a": 2}', "duplicate_key"),
        (b"[" * MAX_DEPTH + b"1" + b"]" * MAX_DEPTH, "too_deep"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "too_deep"),
    ],
)
def test_what_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse(body)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (
            b'{"a": ["\\u00e9", "\\ud83d\\ude00", "\xc3\xa9", "a\\\\b"]}',
            {"a": ["é", "😀", "é", "a\\b"]},
        ),
        (b'[1.5, 1e300, true, null, "", {}, []]', [1.5, 1e300, True, None, "", {}, []]),
    ],
)
def test_what_is_read(body: bytes, value: object) -> None:
    assert parse(body) == value


def test_so_deep_and_no_deeper() -> None:
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
