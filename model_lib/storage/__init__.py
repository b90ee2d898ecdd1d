"""A run's folder: state, events, history, checkpoints, and whether the process that holds it lives."""
