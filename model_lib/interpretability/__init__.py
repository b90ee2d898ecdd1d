"""Layer outputs, attribution, feature visualization, ablation, embeddings: what a network computes, and why."""
