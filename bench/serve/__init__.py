"""What one server bears."""
