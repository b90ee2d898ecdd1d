"""The screens of How it works: one idea each, its texts in `texts/`, apart from the code."""
