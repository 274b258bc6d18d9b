"""Refusals, each with the status a client sees and a sentence a person can act on.

A verb *raises* a refusal (a returned one would commit what came before it); the edge turns it into
an RFC 9457 problem document. `code` is what programs switch on; `detail` is what people read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with the input: where (JSON Pointer), which rule, and how to mend it."""

    pointer: str
    code: str
    detail: str


class Refusal(Exception):
    """The base of every answer that is not a success and not a bug."""

    status = 500
    title = "Refused"
    code = "refused"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = extra


class BadRequest(Refusal):
    status, title, code = 400, "Bad request", "bad_request"


class Unauthorized(Refusal):
    status, title, code = 401, "Not signed in", "not_signed_in"


class Forbidden(Refusal):
    status, title, code = 403, "Not allowed", "not_allowed"


class NotFound(Refusal):
    """Also the answer for what belongs to somebody else: a stranger's row is simply not there."""

    status, title, code = 404, "Not found", "not_found"


class Conflict(Refusal):
    status, title, code = 409, "Conflict", "conflict"


class Stale(Refusal):
    """`If-Match` named another version; the edge adds the current row as `current`."""

    status, title, code = 412, "Changed meanwhile", "stale"

    def __init__(self, detail: str, *, row: Any = None) -> None:
        super().__init__(detail)
        self.row = row


class TooLarge(Refusal):
    status, title, code = 413, "Too large", "too_large"


class UnsupportedMedia(Refusal):
    status, title, code = 415, "Unsupported media type", "unsupported_media_type"


class Invalid(Refusal):
    """The payload is well-formed and means something impossible. Names the field and the fix."""

    status, title, code = 422, "Invalid input", "invalid"


class PreconditionRequired(Refusal):
    status, title, code = 428, "Precondition required", "if_match_required"


class TooMany(Refusal):
    status, title, code = 429, "Too many requests", "too_many_requests"


class Unavailable(Refusal):
    status, title, code = 503, "Unavailable", "unavailable"


def invalid_field(field: str, detail: str, *, code: str = "invalid") -> Invalid:
    """An `Invalid` about one body field; `field` may be nested as `lines/0/quantity`."""
    return Invalid(detail, errors=[FieldError(f"/{field}", code, detail)])
