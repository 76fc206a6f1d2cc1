"""The node agent: one file that is installed on nodes as it is. Nothing of the compiler imports it."""
