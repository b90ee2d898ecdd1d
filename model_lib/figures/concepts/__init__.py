"""Figures of How it works."""
