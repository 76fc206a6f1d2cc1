"""The capacity of one server."""
