"""The Draw pages' parts that need no page."""
