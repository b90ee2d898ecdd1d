"""Screens of one neuron and of the last layer: weights, activation function, softmax."""
