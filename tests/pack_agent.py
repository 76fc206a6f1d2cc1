"""Pack the node agent for user-data: `python -m tests.pack_agent`, after each change of the agent.

The packed file is committed, because deflate's output differs between zlib versions, and user-data that changes with
the machine it is rendered on would replace fleets. zopfli's output is also some 4 % smaller.
"""

from pathlib import Path

from zopfli import gzip

from timepolicy.resources import AGENT, PACKED_AGENT


def main() -> None:
    """Write the packed agent beside the agent."""
    Path(PACKED_AGENT).write_bytes(gzip.compress(AGENT.read_bytes(), numiterations=200))


if __name__ == "__main__":
    main()
