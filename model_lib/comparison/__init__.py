"""Comparing trained networks: what is known of each run, and whether two of them differ by more than chance."""
