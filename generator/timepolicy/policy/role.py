"""What a node is for."""

from enum import StrEnum


class Role(StrEnum):
    """A client takes time; a server takes it too, and serves it to the clients."""

    CLIENT = "client"
    SERVER = "server"
