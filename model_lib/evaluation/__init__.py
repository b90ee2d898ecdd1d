"""Predictions on a test set, and what is computed from them."""
