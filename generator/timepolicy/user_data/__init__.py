"""The user-data that people have besides: its parts, and what in them contradicts the policy."""
