"""The Look inside pages."""
