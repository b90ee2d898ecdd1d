"""Figures of what happens inside a network while it is trained."""
