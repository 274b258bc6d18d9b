"""What takes more than Python is for `make test-deep`."""

from tests.support.deep import DEEP

collect_ignore = [] if DEEP else ["test_openapi_linters.py"]
