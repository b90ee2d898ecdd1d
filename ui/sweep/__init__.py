"""The page Sweep: the plan, the chart that grows, and what the setting did."""
