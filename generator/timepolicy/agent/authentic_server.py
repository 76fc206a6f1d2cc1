"""A node that serves time where the policy requires authentication."""

from timepolicy.agent.authentic import Authentic
from timepolicy.agent.server import Server


class AuthenticServer(Server, Authentic):
    """The methods of Server come first, and call those of Authentic where both have one."""
