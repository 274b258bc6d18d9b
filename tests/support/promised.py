"""The OpenAPI document's operations as schemathesis knows them."""

import copy
from functools import cache
from typing import Any

import schemathesis

from tests.support.routes import document

REFUSED = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "428", "429"]


@cache
def promised() -> dict[str, Any]:
    """The document's operations by `METHOD /path`."""
    described = copy.deepcopy(document())
    for path in described["paths"].values():
        for operation in path.values():
            operation.pop("security", None)  # who asks is ours to say, and is always the same
    config = {"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}}
    schema = schemathesis.openapi.from_dict(described, config=schemathesis.Config.from_dict(config))
    return {found.ok().label: found.ok() for found in schema.get_all_operations()}
