"""numpy, loaded when it is first asked for something: 0.2 s of CPU and 20 MB, which only who plans pays.

What is always true: whoever imports this module has not loaded numpy by it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
else:
    Ints = Floats = Bools = Any

    class _Later:
        """Looks each name up once."""

        def __getattr__(self, name: str) -> Any:
            import numpy

            found = getattr(numpy, name)
            setattr(self, name, found)
            return found

    np = _Later()

__all__ = ["Bools", "Floats", "Ints", "np"]
