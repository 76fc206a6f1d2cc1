"""Facts about programs and services that are the same on every distribution."""
