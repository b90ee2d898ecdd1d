"""The training step in TensorFlow: forward pass, update rules, batches sharded over the cores."""
