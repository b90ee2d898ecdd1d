"""What happens inside a network while it is trained: its layers' numbers, their log, and what is conspicuous in it."""
