"""The page Take it home: what can be downloaded from a run."""
