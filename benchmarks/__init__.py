"""Programs that print the figures of the project: `python -m benchmarks.training.throughput` and its neighbours."""
