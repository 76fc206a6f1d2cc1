"""Stage 7: the whole of a policy as a picture: who asks whom."""
