"""How well drawings are read."""
