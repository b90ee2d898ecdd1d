"""Networks that visitors bring: what is said of hostile files, and what mixed precision changes."""
