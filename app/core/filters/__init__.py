"""The filter grammar: a JSON tree of conditions, read, checked and made into SQL.

A filter is parsed against the fields that a list declares, and nothing else reaches the statement:
names are looked up, values are typed and bound. What cannot be meant is an `Invalid` that points
into the tree and says the fix; what was parsed always runs.

Every condition is true or false of a row, never unknown: a row without a value meets no positive
condition, and meets every denied one (`ne`, `not_in`, `not_contains`, `not`). So `not` is the exact
complement, and "city is not Topeka" shows whoever has no city, as a person expects. Denials are
pushed down to the conditions, so that a plain equality stays one that an index serves.

Texts are compared without case and accents. Days and relative dates are days of a time zone; of an
instant they mean the whole day. docs/filters.md is the same for people.
"""

from app.core.filters.conditions import condition
from app.core.filters.days import Clock
from app.core.filters.fields import Fields, FilterField, Kind, Op, field_of, filterable, through
from app.core.filters.reading import LONGEST, build, read
from app.core.filters.trees import Node

__all__ = [
    "LONGEST",
    "Clock",
    "Fields",
    "FilterField",
    "Kind",
    "Node",
    "Op",
    "build",
    "condition",
    "field_of",
    "filterable",
    "read",
    "through",
]
