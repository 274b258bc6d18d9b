"""Measurements, each a ratio against the bare limit in the same run. `make bench` prints them."""
