"""Figures of the images that networks learn from: one image's numbers, and what all of them have in common."""
