"""What one page hands over to another, once."""
