"""The layers of one network: what they put out for an image, their weights, and the arithmetic of a single output."""
