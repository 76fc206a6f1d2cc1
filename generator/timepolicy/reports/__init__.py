"""What asks the compiler and speaks to people: diff, explain, graph, sizes, capacity, reference."""
