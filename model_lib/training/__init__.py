"""The training loop, its input pipeline, the queue and the worker processes."""
