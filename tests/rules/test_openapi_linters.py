"""The OpenAPI document, linted by Redocly, Spectral and OWASP's rules (check D2, deep).

`test_openapi.py` is the everyday half: it asks for less, and for no Node.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.openapi_linters import DOCUMENT, ROOT, TOOLS, install, redocly, spectral


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    install()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Callable[[Any, Any], Path]:
    """Puts another document, and perhaps other settings, where the linters see them."""

    def put(document: Any, settings: Any = None) -> Path:
        (tmp_path / DOCUMENT).parent.mkdir(parents=True)
        (tmp_path / DOCUMENT).write_text(json.dumps(document))
        (tmp_path / TOOLS).mkdir(parents=True)
        (tmp_path / TOOLS / "node_modules").symlink_to(ROOT / TOOLS / "node_modules")
        for one in ("redocly.yaml", ".spectral.yaml"):
            shutil.copy(ROOT / TOOLS / one, tmp_path / TOOLS)
        if settings is not None:
            (tmp_path / TOOLS / ".spectral.yaml").write_text(yaml.safe_dump(settings))
        return tmp_path

    return put


def _document() -> Any:
    return json.loads((ROOT / DOCUMENT).read_text())


def _settings() -> Any:
    return yaml.safe_load((ROOT / TOOLS / ".spectral.yaml").read_text())


def test_they_have_nothing_to_say() -> None:
    assert [str(one) for one in redocly()] == []
    assert [str(one) for one in spectral()] == []


def test_they_name_what_is_planted(elsewhere: Callable[..., Path]) -> None:
    document = _document()
    schemas, paths = document["components"]["schemas"], document["paths"]
    del schemas["CustomerDraft"]["properties"]["name"]["maxLength"]
    del schemas["PageOut_CustomerOut_"]["properties"]["data"]["maxItems"]
    del schemas["CustomerOut"]["properties"]["version"]["maximum"]
    customers = paths["/api/v2/customers"]
    for code in ("401", "429", "500"):
        del customers["get"]["responses"][code]
    del customers["post"]["security"]
    customers["get"]["operationId"] = customers["post"]["operationId"]
    root = elsewhere(document)
    get, post = "#/paths/~1api~1v2~1customers/get", "#/paths/~1api~1v2~1customers/post"
    assert {(one.rule, one.place) for one in spectral(root)} == {
        ("owasp:api4:2023-string-limit", "#/components/schemas/CustomerDraft/properties/name"),
        (
            "owasp:api4:2023-array-limit",
            "#/components/schemas/PageOut_CustomerOut_/properties/data",
        ),
        ("owasp:api4:2023-integer-limit", "#/components/schemas/CustomerOut/properties/version"),
        ("owasp:api8:2023-define-error-responses-401", f"{get}/responses"),
        ("owasp:api4:2023-rate-limit-responses-429", f"{get}/responses"),
        ("owasp:api8:2023-define-error-responses-500", f"{get}/responses"),
        ("owasp:api2:2023-write-restricted", post),
        ("operation-operationId-unique", f"{post}/operationId"),
    }
    assert {(one.rule, one.place) for one in redocly(root)} == {
        ("security-defined", post),
        ("operation-operationId-unique", f"{post}/create_customer"),
    }


def test_every_exception_is_needed(elsewhere: Callable[..., Path]) -> None:
    settings = _settings()
    excepted = {
        (rule, one.partition("#")[2].replace("%7B", "{").replace("%7D", "}"))
        for each in settings.pop("overrides")
        for one in each["files"]
        for rule in each["rules"]
    }
    everywhere = set(settings.pop("rules"))
    found = spectral(elsewhere(_document(), settings))
    assert {one.rule for one in found} == everywhere | {rule for rule, _ in excepted}
    assert excepted == {
        (one.rule, "/".join(one.place.split("/")[: 4 if "schemas" in one.place else 3])[1:])
        for one in found
        if one.rule not in everywhere
    }
