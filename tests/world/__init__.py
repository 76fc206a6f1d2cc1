"""A simulated node for the tests of the agent: see world.py."""
