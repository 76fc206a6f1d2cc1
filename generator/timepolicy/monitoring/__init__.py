"""What Prometheus, Grafana and Kubernetes are given to watch the nodes' clocks."""
