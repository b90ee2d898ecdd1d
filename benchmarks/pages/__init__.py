"""What a visitor waits, in a real browser."""
