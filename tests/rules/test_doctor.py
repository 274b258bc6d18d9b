"""The doctor's page and its faults keep up with its detectors."""

import re
from pathlib import Path

from app.services.doctor import DETECTORS
from tests.support.faults import FAULTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "doctor.md"
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def test_the_page_says_of_each_detector_what_it_means_and_what_to_do() -> None:
    rows = ROW.findall(PAGE.read_text())
    assert [row for row in rows if len(row[3].split()) < 3] == []
    said = sorted(row[:3] for row in rows)
    assert said == sorted((one.code, one.severity, one.means) for one in DETECTORS.values())


def test_every_detector_has_a_fault_that_it_finds() -> None:
    assert FAULTS.keys() == DETECTORS.keys()
    assert len(DETECTORS) >= 25


def test_every_detector_says_whom_its_sentences_are_for() -> None:
    assert [one.code for one in DETECTORS.values() if not one.needs] == []
