"""How good the time is that the rendered configurations give, in simulated months."""
