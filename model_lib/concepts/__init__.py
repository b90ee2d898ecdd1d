"""The arithmetic of the ideas that How it works shows, in NumPy: small enough to be computed while somebody looks."""
