"""The agent of a node that serves no time to others, and whose policy does not require authentication."""

from timepolicy.agent.agent import Agent
from timepolicy.agent.chronyd import Chronyd
from timepolicy.agent.timesyncd import Timesyncd


class Client(Agent):
    """Such a node may use either daemon."""

    kinds = (Chronyd, Timesyncd)
