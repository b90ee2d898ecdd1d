"""Screens of what training makes small, and of what is reported."""
