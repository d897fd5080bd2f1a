"""Benchmarks: ratios measured side by side in one run, in turns, several rounds, medians.

`stage` is the city that they run on, `load` an HTTP client that costs little, one file a bench.
"""
