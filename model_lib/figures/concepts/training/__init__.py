"""Figures of the screens on training."""
