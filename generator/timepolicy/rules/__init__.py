"""The rules that a policy is checked by."""
