"""Truckroll's tests: they go through the doors people use, with real processes behind them."""

import gc

from app.__main__ import RARELY

gc.set_threshold(*RARELY)  # as the product itself: a twelfth of the suite's time
