"""Screens of training: one step in numbers, gradient descent, batches and epochs, optimizers."""
