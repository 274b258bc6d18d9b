"""Truckroll's tests: they go through the doors people use, with real processes behind them."""
