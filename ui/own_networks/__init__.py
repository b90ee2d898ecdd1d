"""The page Bring a network: a file from elsewhere is read carefully and used on all pages."""
