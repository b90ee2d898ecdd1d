"""Computations that need gradients or thousands of images, in a process of their own with TensorFlow loaded."""
