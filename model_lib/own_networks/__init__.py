"""Networks that people bring along: a .keras file, read without Keras and within limits, becomes a run."""
