"""Services that people gate, by the names of their units: a name that is nearly one of these is probably misspelt."""

KUBERNETES = (
    *("kubelet", "k3s", "k3s-agent", "rke2-server", "rke2-agent", "rancher-system-agent", "kube-proxy"),
    *("kube-apiserver", "kube-controller-manager", "kube-scheduler", "k0scontroller", "k0sworker"),
    *("snap.microk8s.daemon-kubelite", "snap.kubelet-eks.daemon", "nodeadm-run", "nodeadm-config"),
)

CONTAINERS = ("containerd", "crio", "cri-o", "cri-docker", "docker", "podman", "buildkit", "nomad")

DATABASES = (
    *("etcd", "patroni", "postgresql", "pgbouncer", "mysql", "mysqld", "mariadb", "mongod", "mongos"),
    *("cassandra", "scylla-server", "cockroachdb", "redis", "redis-server", "elasticsearch", "opensearch"),
    *("clickhouse-server", "influxdb", "rabbitmq-server", "kafka", "zookeeper", "nats-server", "minio"),
)

CLUSTERS = (
    *("consul", "vault", "corosync", "pacemaker", "pcsd", "slurmd", "slurmctld", "slurmdbd", "munge", "glusterd"),
    *("keepalived", "haproxy", "nginx", "httpd", "apache2", "krb5-kdc", "krb5kdc", "sssd", "freeradius", "radiusd"),
    *("ceph-mon", "ceph-osd", "ceph-mgr", "prometheus", "prometheus-node-exporter", "node_exporter", "grafana-server"),
    *("cloud-config", "cloud-final", "amazon-ecs-agent", "ecs", "cron", "crond", "atd"),
)

KNOWN_UNITS = frozenset(f"{name}.service" for name in (*KUBERNETES, *CONTAINERS, *DATABASES, *CLUSTERS))
"""Names as packages and projects install them. An unlisted unit is no mistake."""
