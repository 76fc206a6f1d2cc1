"""Import configuration files in tests as the command line does, without printing."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from timepolicy.configs.node_files import NodeFiles
from timepolicy.configs.pipeline import import_files
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.findings.forms.text import render_text
from timepolicy.source import Source


@dataclass(frozen=True)
class Imported:
    """The outcome of an import: the findings as text, their codes, and the policy if there is one."""

    findings: str
    codes: list[str]
    policy: str | None


def import_sources(
    sources: list[Source], root: Path | None = None, distro: str | None = None, addresses: tuple[str, ...] = ()
) -> Imported:
    """Import files."""
    imported = import_files(sources, NodeFiles(root), AGENT_RELEASES[distro] if distro else None, addresses)
    texts = [render_text(file.findings, file.source) for file in imported.reports]
    codes = [finding.rule.code for file in imported.reports for finding in file.findings]
    return Imported("\n".join(filter(None, texts)), codes, imported.policy)


def import_case(case: Path) -> Imported:
    """Import the files of a case in trees/import, under their names there."""
    about = yaml.safe_load((case / "case.yaml").read_text())
    with inside(case):
        sources = [Source.decode(name, Path(name).read_bytes()) for name in about["files"]]
        root = Path("root") if about["root"] else None
        return import_sources(sources, root, about.get("distro"), tuple(about.get("addresses", ())))


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Make `folder` the current directory for a while."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
