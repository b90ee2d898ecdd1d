"""The Train page: forms, and the view of a run."""
