"""Reports for people, from what the compiler returns: diff, explain, graph, sizes, capacity, reference."""
