"""The arithmetic of training: one step, batches, a loss surface, optimizers."""
