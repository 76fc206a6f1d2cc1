"""Stage 3: the catalogue. What each distribution release is like; the only place that knows."""
