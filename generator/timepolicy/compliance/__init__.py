"""What benchmarks say about a policy's nodes: each rule is judged by the files that the nodes get."""
