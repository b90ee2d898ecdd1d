"""What figures show as text: their numbers as a table, their result as a sentence."""
