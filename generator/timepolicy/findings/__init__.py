"""Findings: what is wrong with a policy or a file, as data that each stage returns beside its value."""
