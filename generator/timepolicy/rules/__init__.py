"""The rules about the meaning of a policy, and what a policy ignores."""
