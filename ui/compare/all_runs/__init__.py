"""The page All runs: the table, its filters, and what is done with the chosen runs."""
