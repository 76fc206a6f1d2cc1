"""What the help of every command has besides its options."""


def examples(*commands: str) -> str:
    """Return the part of a command's help that shows how it is used: command lines, which a test runs."""
    return "\n".join(["\b", "Examples:", *(f"  {command}" for command in commands)])
