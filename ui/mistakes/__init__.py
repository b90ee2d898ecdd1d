"""The page Review mistakes."""
