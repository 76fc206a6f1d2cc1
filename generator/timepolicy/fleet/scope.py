"""Which series are meant, and the expressions of PromQL that queries and rules share."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """Which series are meant: `selector` are matchers of PromQL, `cluster` is the label that names a cluster."""

    selector: str = ""
    cluster: str = "cluster"

    @property
    def keys(self) -> str:
        """The labels that identify a node."""
        return f"{self.cluster}, job, instance"

    def series(self, metric: str, *matchers: str) -> str:
        """Return a selector of `metric`."""
        chosen = ", ".join(filter(None, (self.selector, *matchers)))
        return f"{metric}{{{chosen}}}" if chosen else metric

    def by_node(self, expression: str, *labels: str) -> str:
        """Return `expression` with one sample a node, also where two Prometheus scrape it."""
        return f"max by ({', '.join((self.keys, *labels))}) ({expression})"

    @property
    def offset(self) -> str:
        """Each node's clock minus Prometheus', in seconds, when it was scraped.

        `timestamp()` gives the time of a sample only directly on a selector; elsewhere it is that of the evaluation.
        """
        time = self.series("node_time_seconds")
        return self.by_node(f"{time} - timestamp({time})")

    @property
    def delay(self) -> str:
        """How long each node took to answer, in seconds: its offset is too large by at most this."""
        time = self.series("node_time_seconds")
        return self.by_node(f"{self.series('scrape_duration_seconds')} and on ({self.keys}) {time}")

    @property
    def report_age(self) -> str:
        """The age of each node's report in seconds. Both clocks are its own: the age is right if the clock is wrong."""
        report = self.by_node(self.series("timepolicy_verification_time_seconds"))
        return f"{self.by_node(self.series('node_time_seconds'))} - on ({self.keys}) {report}"


def finite(expression: str) -> str:
    """Return `expression` without the samples that are NaN or infinite."""
    return f"(({expression} > -1e12) < 1e12)"
