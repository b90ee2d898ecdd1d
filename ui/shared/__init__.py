"""What several pages need: the visitor and what they have chosen, loaded networks, charts, background jobs."""
