"""What `import` and `lint` share: their arguments, reading the files, and reporting the findings of each file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from timepolicy.cli.options import only_value
from timepolicy.cli.reporting import Reporting
from timepolicy.cli.streams import fail, read_source, report
from timepolicy.configs.file_findings import FileReport
from timepolicy.configs.node_files import NodeFiles
from timepolicy.distros.release import Release
from timepolicy.findings.forms import FOR_PEOPLE
from timepolicy.source import Source

T = TypeVar("T")

files_argument = click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=str))
distro_option = click.option(
    "--distro",
    metavar="D",
    multiple=True,
    callback=only_value,
    show_default="any",
    help="The distribution release that the files are for, by its name in `timepolicy distros`.",
)
root_option = click.option(
    "--root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The directory that holds the node's files, / on the node itself. Included files are read from there.",
)


@dataclass(frozen=True, slots=True)
class ConfigFiles:
    """The files that a command line names."""

    sources: list[Source]
    node: NodeFiles
    release: Release | None

    def run(self, stage: Callable[..., T], *arguments: Any) -> T:
        """Return the result of `stage` for the files; exits if it cannot read an included file."""
        try:
            return stage(self.sources, self.node, self.release, *arguments)
        except OSError as error:
            fail(f"cannot read {error.filename}: {error.strerror}")


def config_files(names: Iterable[str], distro: str | None, root: Path | None) -> ConfigFiles:
    """Read the files, `-` being standard input; exits if one cannot be read."""
    release = None
    if distro:
        from timepolicy.request import release_named  # loads every format, which only this option needs

        release = release_named(distro)
    node = NodeFiles(root)
    return ConfigFiles([_read(name, node) for name in dict.fromkeys(names)], node, release)


def _read(name: str, node: NodeFiles) -> Source:
    """A file as the node has it: below the root, its links lead to files of the node."""
    try:
        source = node.read_named(name) if name != "-" else None
    except OSError as error:
        fail(f"cannot read {name}: {error.strerror}")
    return source or read_source(name)


def show(reports: Iterable[FileReport], reporting: Reporting) -> bool:
    """Report the findings of each file that has any; return whether one is an error."""
    errors: list[bool] = []
    for file in reports:
        if errors and len(file.findings) and reporting.form == FOR_PEOPLE:
            report("\n")
        if len(file.findings):
            errors.append(reporting.show(file.findings, file.source))
    return any(errors)
