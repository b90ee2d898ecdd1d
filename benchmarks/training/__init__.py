"""Training: throughput, the race, the published results, and what they are held against."""
