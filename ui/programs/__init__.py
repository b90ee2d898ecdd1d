"""The page of the six programs: their lines, what each does, its result, and how they differ."""
