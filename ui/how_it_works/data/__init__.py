"""Screens of what a network is given: pixels and labels."""
