"""Reading requests strictly: what two readers could understand differently is refused.

JSON with a key twice, NaN, a NUL, a lone surrogate or 33 levels is answered 400 before any verb sees
it, and so is a path or query that is not UTF-8. A body of another type than the route reads is 415:
a form on another site can send `text/plain`, but not JSON.
"""

import json
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData

from app.core.errors import BadRequest, FieldError, Invalid, UnsupportedMedia

MAX_DEPTH = 32
MAX_JSON = 1024 * 1024


def parse(body: bytes) -> Any:
    """A JSON document as Python values. Raises `BadRequest` saying what is wrong with it."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise BadRequest(
            f"The body is not UTF-8 (byte {error.start}).", code="invalid_encoding"
        ) from error
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise BadRequest(
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            code="invalid_json",
        ) from error
    except (RecursionError, ValueError) as error:
        raise BadRequest(
            "The body is nested or numbered beyond reason.", code="invalid_json"
        ) from error
    # NUL and half a surrogate pair can only be written as an escape: JSON forbids the one as it is,
    # UTF-8 the other
    _check(value, 1, texts="\\" in text)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)[:60]
        shown = twice.encode(errors="replace").decode()
        raise BadRequest(f"The body has the key “{shown}” twice.", code="duplicate_key")
    return found


def _constant(name: str) -> Any:
    raise BadRequest(f"“{name}” is not a JSON number.", code="invalid_json")


INFINITE = (float("inf"), float("-inf"))


def _check(value: Any, depth: int, *, texts: bool) -> None:
    """Look at every value once. `texts`: some text may hold what cannot be stored."""
    kind = type(value)
    if kind is str:
        if texts:
            check_text(value, "The body")
    elif kind is float:
        if value in INFINITE:
            raise BadRequest("The body has a number that is too large.", code="invalid_json")
    elif kind is dict or kind is list:
        if value and depth >= MAX_DEPTH:
            raise BadRequest(f"The body is nested deeper than {MAX_DEPTH} levels.", code="too_deep")
        if kind is dict and texts:
            for key in value:
                check_text(key, "The body")
        for inner in value.values() if kind is dict else value:
            _check(inner, depth + 1, texts=texts)


def check_text(text: str, where: str) -> None:
    """Raise `BadRequest` for characters that cannot be stored: NUL and lone surrogates."""
    if "\x00" in text:
        raise BadRequest(f"{where} contains a NUL character.", code="invalid_character")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadRequest(
            f"{where} contains half of a surrogate pair.", code="invalid_character"
        ) from error


def refuse_repeated(request: Request, lists: frozenset[str]) -> None:
    """Raise `Invalid` for a query parameter that is there twice, unless it is one of `lists`."""
    names = [name for name, _ in request.query_params.multi_items() if name not in lists]
    if len(names) != len(set(names)):
        twice = next(name for name in names if names.count(name) > 1)
        detail = f"“{twice[:60]}” is there more than once. Send it once."
        raise Invalid(detail, errors=[FieldError(f"?{twice[:60]}", "repeated", detail)])


def refuse_other_types(request: Request, *, form: bool) -> None:
    """Raise `UnsupportedMedia` for a body that is not JSON, or no form where the route reads one."""
    length = request.headers.get("content-length", "")
    if "transfer-encoding" not in request.headers and length.strip("0") == "":
        return
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    wanted = "multipart/form-data" if form else "application/json"
    if given != wanted and not (not form and _json_by_name(given)):
        raise UnsupportedMedia(f"Send the body as Content-Type: {wanted}.")


def _json_by_name(given: str) -> bool:
    return given.startswith("application/") and given.endswith("+json")


class StrictRequest(Request):
    """A request whose JSON is read by `parse`, and whose form fields are checked as its texts are."""

    async def _get_form(self, **limits: Any) -> FormData:
        if self._form is not None:
            for _, value in self._form.multi_items():
                if not isinstance(value, str):
                    await value.seek(0)  # whoever reads it again reads it from its beginning
            return self._form
        form = await super()._get_form(**limits)
        try:
            for name, value in form.multi_items():
                check_text(name, "The form")
                check_text(value if isinstance(value, str) else value.filename or "", "The form")
        except BadRequest:
            await self.close()
            raise
        return form

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = parse(await self.body())
        return self._json
