"""From a policy and a target to a plan: what a node gets, as pure data. No format decides anything about it."""
