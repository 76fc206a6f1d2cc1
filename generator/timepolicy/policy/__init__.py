"""Stage 4: the policy. From text with positions to a typed policy for one kind of node."""
