"""Real firewalls, real packets."""
