"""Measures the engine beside a bare loop. `make bench`."""
