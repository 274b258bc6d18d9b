"""Who may call what: the table that is checked in, and how it is written.

`docs/permissions.csv` has a row for each signed-in operation and a column for each system role. It is
made from the routes' `Allow` and the roles' permissions (`make policy`), so that a change of either
shows in a review; `tests/isolation/test_policy.py` holds every cell against what a server answers. Run
as a program this writes `docs/response-keys.csv` too, which says the same of the keys of answers.
"""

import csv
import io
import sys
from functools import cache
from pathlib import Path

from app.models.permissions import SYSTEM_ROLES
from tests.support import response_keys
from tests.support.routes import Route, routes

TABLE = Path(__file__).resolve().parents[2] / "docs" / "permissions.csv"
ROLES = tuple(SYSTEM_ROLES)
MAY, MAY_NOT = "yes", "no"


def signed_in() -> list[Route]:
    """The routes that ask who is calling, by operation."""
    return sorted(
        (route for route in routes() if route.operation and route.allow), key=lambda one: one.id
    )


def public() -> set[str]:
    """The operations that anybody may call."""
    return {route.id for route in routes() if route.operation and not route.allow}


def written() -> str:
    """The table as the routes and the roles have it today."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["operation", "method", "path", "permission", *ROLES])
    for route in signed_in():
        assert route.allow is not None
        permission = route.allow.permission
        rows.writerow(
            [route.id, route.method, route.path, permission or "signed in"]
            + [
                MAY if permission is None or permission in permissions else MAY_NOT
                for _, _, permissions in SYSTEM_ROLES.values()
            ]
        )
    return out.getvalue()


@cache
def table() -> dict[str, dict[str, str]]:
    """The checked-in table: operation → its row."""
    with TABLE.open(newline="") as file:
        return {row["operation"]: row for row in csv.DictReader(file)}


if __name__ == "__main__":
    sys.stdout.write(written())
    response_keys.TABLE.write_text(response_keys.written())
