"""The configuration doctor: what is set up so that work cannot be booked, or will go wrong.

It reads and changes nothing. A new detector is one function under `@detector` in one of the files
here; its seeded fault stands in `tests/test_doctor.py`, its row in `docs/doctor.md`.
"""

from app.services.doctor import board, installed, job_types, office, people, sites
from app.services.doctor.findings import (
    DETECTORS,
    Detector,
    Finding,
    Fix,
    Found,
    Look,
    Named,
    Request,
    Severity,
)
from app.services.doctor.looking import Diagnosis, Examined, examine

__all__ = [
    "DETECTORS",
    "Detector",
    "Diagnosis",
    "Examined",
    "Finding",
    "Fix",
    "Found",
    "Look",
    "Named",
    "Request",
    "Severity",
    "board",
    "examine",
    "installed",
    "job_types",
    "office",
    "people",
    "sites",
]
