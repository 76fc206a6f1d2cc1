"""`timepolicy graph`: the topology of a policy, and its drawings."""
