"""Screens of what counts on new images: dropout, batch normalisation, overfitting, and the test set."""
