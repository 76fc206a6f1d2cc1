"""The clocks of a fleet, as its Prometheus knows them: a table, a gate for roll-outs, a page."""
