"""Rules that have not moved beside their checks yet."""
