"""Where the bytes of user-data go: `python -m bench.sizes` renders three examples and writes RESULTS.md."""

import base64
import bz2
import lzma
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from timepolicy import Request, Source, compile_policy
from timepolicy.policy.role import Role

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path(__file__).with_name("RESULTS.md")

BLOCK = re.compile(r"<<'EOF'\n ?(\S{1000,})\n ?EOF\n")
FILE = re.compile(r"^ ?[^\n]*\bwrite (\S[^\n]*?)(?: <<'EOF')?\n.*?^ ?EOF\n", flags=re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Example:
    """A product whose size issue 14 limits to `goal` bytes."""

    title: str
    policy: str
    request: Request
    goal: int


EXAMPLES = (
    Example(title="A client", policy="internal-ntp", request=Request(distro="debian-12"), goal=12_000),
    Example(
        title="A server with `firewall: auto`",
        policy="server-tier",
        request=Request(distro="debian-12", role=Role.SERVER),
        goal=16_000,
    ),
    Example(title="Five releases in one document", policy="mixed", request=Request(), goal=16_384),
)

INTRODUCTION = """\
# Where the bytes of user-data go

Written by `python -m bench.sizes` on {date}. All figures are bytes.

Nobody reads programs, units and the contract in user-data, so they are in one block: compressed with bzip2, and encoded
in base85, because cloud-config is text. A file's share of the block is what the compressed block would lose without
that file. Files share text, so that these shares do not add up to the block; a row has the rest.

## The goals

| product | goal | today | with `--gzip` | met |
|---|---|---|---|---|
{goals}

## The limit

| product | the agent compressed | the same in base85 | the block | with LZMA | with zlib | to lose from the block |
|---|---|---|---|---|---|---|
{limits}

The limit is the agent: a client's alone takes {agent:,} bytes of user-data, and the goal for a client is {goal:,}.
Another compressor gains next to nothing. base85 adds a quarter; `--gzip` takes most of that back, because it compresses
the whole document, and its product is not text. With `--gzip` all three fit into the 16,384 bytes that most clouds
take, and none into Tencent Cloud's 12,288 (`render --limit` checks it, TP064).
"""


@dataclass(frozen=True)
class Product:
    """User-data, and what its block decodes to."""

    text: str
    gzipped: int
    encoded: str

    @property
    def compressed(self) -> bytes:
        return base64.b85decode(self.encoded)

    @property
    def script(self) -> str:
        return bz2.decompress(self.compressed).decode()

    def agent(self) -> str:
        return next(file for paths, file in files_of(self.script) if "timepolicy-node" in paths)


def product_of(example: Example) -> Product:
    path = ROOT / "examples" / example.policy / "timepolicy.yaml"
    result = compile_policy(Source.decode(path.name, path.read_bytes()), example.request)
    assert result.value is not None, result.findings
    text = result.value.content.decode()
    gzipped = len(zlib.compress(text.encode(), 9, wbits=31))
    block = BLOCK.search(text)
    assert block is not None, "nothing is packed"
    return Product(text, gzipped, block[1])


def files_of(script: str) -> Iterator[tuple[str, str]]:
    """The files that a script writes: their paths, and the here-document as it stands there."""
    for found in FILE.finditer(script):
        yield found[1].replace("$units", "/etc/systemd/system"), found[0]


def rows_of(product: Product) -> Iterator[str]:
    outside = product.text.replace(product.encoded, "")
    readable = list(files_of(outside))
    frame = len(outside.encode()) - sum(len(file.encode()) for _, file in readable)
    yield f"| the script and the cloud-config around it | {frame:,} | | {frame:,} |"
    for paths, file in readable:
        yield f"| {cell(paths)}, to read | {len(file.encode()):,} | | {len(file.encode()):,} |"
    whole, rest, shares = len(product.compressed), product.script, 0
    for paths, file in sorted(files_of(product.script), key=lambda row: -len(row[1])):
        share = whole - len(bz2.compress(product.script.replace(file, "", 1).encode()))
        rest, shares = rest.replace(file, "", 1), shares + share
        yield f"| {cell(paths)} | {len(file.encode()):,} | {share:,} | |"
    yield f"| what writes these files, and what several files share | {len(rest.encode()):,} | {whole - shares:,} | |"
    yield f"| the block | {len(product.script.encode()):,} | {whole:,} | {whole:,} |"
    yield f"| what base85 adds to it | | | {len(product.encoded) - whole:,} |"
    yield f"| **all** | | | **{len(product.text.encode()):,}** |"
    yield f"| all, with `--gzip` | | | {product.gzipped:,} |"


def cell(paths: str) -> str:
    return ", ".join(f"`{path}`" for path in paths.split())


def goal_row(example: Example, product: Product) -> str:
    size = len(product.text.encode())
    verdict = "yes" if size <= example.goal else f"no, {size - example.goal:,} too many"
    return f"| {example.title} | {example.goal:,} | {size:,} | {product.gzipped:,} | {verdict} |"


def limit_row(example: Example, product: Product) -> str:
    agent, script = bz2.compress(product.agent().encode()), product.script.encode()
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "lp": 0, "pb": 0}]
    figures = (
        *(len(agent), len(base64.b85encode(agent)), len(product.compressed)),
        *(len(lzma.compress(script, lzma.FORMAT_RAW, filters=filters)), len(zlib.compress(script, 9))),
        max(0, len(product.text.encode()) - example.goal) * 4 // 5,  # base85 makes five characters of four bytes
    )
    return f"| {example.title} | {' | '.join(f'{figure:,}' for figure in figures)} |"


def main() -> None:
    products = [(example, product_of(example)) for example in EXAMPLES]
    client, agent = EXAMPLES[0], bz2.compress(products[0][1].agent().encode())
    text = INTRODUCTION.format(
        goals="\n".join(goal_row(*row) for row in products),
        limits="\n".join(limit_row(*row) for row in products),
        agent=len(base64.b85encode(agent)),
        goal=client.goal,
        date=f"{datetime.now(UTC):%Y-%m-%d}",
    )
    for example, product in products:
        head = f"\n## {example.title}\n\n`examples/{example.policy}/timepolicy.yaml`.\n\n"
        text += head + "| part | as it is | share of the block | in user-data |\n|---|---|---|---|\n"
        text += "\n".join(rows_of(product)) + "\n"
    PAGE.write_text(text)


main()
