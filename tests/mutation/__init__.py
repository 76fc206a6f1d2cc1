"""Wrong changes on purpose, to see whether the tests notice them: `python -m tests.mutation`."""
