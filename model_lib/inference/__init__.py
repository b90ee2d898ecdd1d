"""Inference without Keras: ONNX graphs from specs, weights from files, and ONNX Runtime that computes them."""
