"""Files of labelled images that visitors bring."""
