"""Importing in tests: the same way as the command line, without its printing."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from timepolicy.configs.files import Tree, text_of
from timepolicy.configs.read import read_files
from timepolicy.configs.report import Report
from timepolicy.configs.write import policy_text
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.findings.forms.text import render_text
from timepolicy.source import Source


@dataclass(frozen=True)
class Imported:
    """What an import gives: the findings as text and their codes, and the policy, None where there is none."""

    findings: str
    codes: list[str]
    policy: str | None


def import_sources(
    sources: list[Source], root: Path | None = None, distro: str | None = None, addresses: tuple[str, ...] = ()
) -> Imported:
    """Import files."""
    report = Report()
    settings = read_files(sources, Tree(root), AGENT_RELEASES[distro] if distro else None, report)
    policy = policy_text(settings, addresses, None, report) if settings else None
    texts = [render_text(findings, source) for source, findings in report]
    return Imported("\n".join(filter(None, texts)), report.codes(), policy)


def import_case(case: Path) -> Imported:
    """Import the files of a case of the corpus, by the names that they have there."""
    about = yaml.safe_load((case / "case.yaml").read_text())
    with _inside(case):
        sources = [text_of(name, Path(name).read_bytes()) for name in about["files"]]
        root = Path("root") if about["root"] else None
        return import_sources(sources, root, about.get("distro"), tuple(about.get("addresses", ())))


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
