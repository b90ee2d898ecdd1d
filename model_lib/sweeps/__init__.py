"""Sweeps: one or two settings take several values, each with several random seeds."""
