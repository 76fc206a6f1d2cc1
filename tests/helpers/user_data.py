"""The script in user-data, with the part that is packed there."""

import base64
import bz2
import re


def unpacked(script: str) -> str:
    """Return the script with the packed block replaced by what a node runs there."""
    before, found, rest = script.partition("text=$(")
    if not found:
        return script
    block = re.search(r"<<'EOF'\n(\S+)\nEOF\n", rest)
    assert block is not None
    return (
        before
        + bz2.decompress(base64.b85decode(block[1])).decode()
        + "\n"
        + rest[block.end() :].replace(')\neval "$text"\n', "", 1)
    )
