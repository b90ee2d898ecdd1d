"""The page Your image set."""
