"""What maps show under their pins is a setting, and the pages' policy follows it."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.api.public.web import basemap, beyond, policy
from app.config import Settings


def test_without_a_basemap_pages_reach_nobody_else() -> None:
    settings = Settings()
    assert basemap(settings) is None
    assert "http" not in policy("n", beyond(settings))


def test_the_policy_names_the_origins_that_a_basemap_needs() -> None:
    settings = Settings(
        basemap="style",
        basemap_url="https://maps.example.com/light.json?key=a;script-src",
        basemap_dark_url="https://maps.example.com/dark.json",
        basemap_origins=("https://tiles.example.com",),
    )
    said = policy("n", beyond(settings))
    needed = "https://maps.example.com https://tiles.example.com;"
    assert f"connect-src 'self' {needed}" in said
    assert f"img-src 'self' data: blob: {needed}" in said
    assert "key=" not in said
    assert "script-src 'nonce-n' 'strict-dynamic';" in said


def test_a_file_of_ours_is_served_by_us(tmp_path: Path) -> None:
    file = tmp_path / "town.pmtiles"
    file.write_bytes(b"PMTiles")
    settings = Settings(basemap="pmtiles", basemap_url=str(file))
    shown = basemap(settings)
    assert shown is not None
    assert shown["url"] == "/basemap.pmtiles"
    assert beyond(settings) == ()


@pytest.mark.parametrize(
    ("kind", "url"), [("style", None), ("raster", "tiles/{z}"), ("pmtiles", "/no/such/file")]
)
def test_half_a_basemap_is_refused_at_the_start(kind: str, url: str | None) -> None:
    with pytest.raises(ValidationError, match="BASEMAP_URL must say where"):
        Settings.model_validate({"basemap": kind, "basemap_url": url})


@pytest.mark.parametrize(
    "origin", ["*", "https://a.example.com; script-src *", "tiles.example.com"]
)
def test_what_is_no_origin_does_not_get_into_the_policy(origin: str) -> None:
    with pytest.raises(ValidationError):
        Settings(basemap_origins=(origin,))
