"""Training step and inference in TensorFlow: forward pass, update rules, batches sharded over the cores."""
