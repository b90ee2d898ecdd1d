"""Programs that print the figures of the project: `python -m benchmarks.throughput` and its neighbours."""
