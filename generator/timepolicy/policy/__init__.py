"""From a document with positions to a typed policy for one kind of node."""
