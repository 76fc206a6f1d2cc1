"""From a document to a typed policy for one kind of node."""
