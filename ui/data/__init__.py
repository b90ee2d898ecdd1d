"""The page of the images that networks learn from."""
