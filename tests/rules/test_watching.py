"""What operations is told to watch exists, and what exists is told."""

import re
from functools import cache
from pathlib import Path

import promql_parser
from prometheus_client import REGISTRY

from app.core import telemetry

PAGES = Path("docs/operations")
SUFFIXES = ("_bucket", "_sum", "_count")
NAMED = re.compile(r"truckroll_[a-z_]+")


@cache
def exposed() -> set[str]:
    """The names of our metrics as they are scraped, without what a histogram adds."""
    assert telemetry.REQUESTS is not None
    found = set()
    for one in REGISTRY.collect():
        if one.name.startswith("truckroll_"):
            found.add(one.name + ("_total" if one.type == "counter" else ""))
    return found


def plain(name: str) -> str:
    """A histogram's own name."""
    for suffix in SUFFIXES:
        if name.removesuffix(suffix) in exposed():
            return name.removesuffix(suffix)
    return name


def test_every_metric_that_is_named_exists_and_every_one_is_named() -> None:
    pages = {path.name: path.read_text() for path in PAGES.glob("*.md")}
    named = {plain(one) for text in pages.values() for one in NAMED.findall(text)}
    named -= {
        "truckroll_app",
        "truckroll_owner",
        "truckroll_relay",
        "truckroll_backup",
        "truckroll_search",
    }
    assert named - exposed() == set()
    assert exposed() - {plain(one) for one in NAMED.findall(pages["alerts.md"])} == set()


def test_every_alert_says_what_it_means_and_what_to_do() -> None:
    text = (PAGES / "alerts.md").read_text()
    table, _, meanings = text.partition("What each means, and what to do:")
    alerts = re.findall(r"^\| ([A-Z]\w+) \| `(.+?)` \| (.+?) \| (page|ticket) \|$", table, re.M)
    assert len(alerts) == table.count("\n| ") - 1, (
        "every row of the table is an alert, but its head"
    )
    assert [name for name, *_ in alerts] == re.findall(r"^- \*\*(\w+)\.\*\* ", meanings, re.M)
    labels = {
        metric._name: set(metric._labelnames)
        for metric in vars(telemetry).values()
        if hasattr(metric, "_labelnames")
    }
    for name, expression, *_ in alerts:
        promql_parser.parse(expression)  # raises for what Prometheus would not load
        for metric, chosen in re.findall(r"(truckroll_\w+)\{([^}]*)\}", expression):
            known = labels[plain(metric).removesuffix("_total")]
            assert set(re.findall(r"(\w+)=", chosen)) <= known, name
