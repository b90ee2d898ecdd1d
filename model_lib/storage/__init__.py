"""A run's folder: state, event log, history, checkpoints and ownership."""
