"""Figures of the pages under Compare and of sweeps."""
