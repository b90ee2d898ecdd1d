"""Files that people take home from a run: scripts, notebooks, networks in formats that other programs read."""
