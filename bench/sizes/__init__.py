"""Where the bytes of user-data go."""
