"""Tests of the arithmetic and the figures of How it works."""
