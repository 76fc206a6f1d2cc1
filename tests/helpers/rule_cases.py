"""Cases of rules, as files: tests/cases/TPnnn/ has at least one that breaks the rule TPnnn and one that does not.

A case is named `wrong-NAME` or `right-NAME` and is one of three things:

- `wrong-NAME.yaml` is a policy, judged by `timepolicy validate wrong-NAME.yaml`. A first line such as
  `# timepolicy: validate --role server` names another command and its options; the file's name goes after them.
- `wrong-NAME.sh` prints a policy that is too long for a file, or that an editor would change. The command reads it from
  standard input; a line `# timepolicy: ...` in it works as above.
- `wrong-NAME/` is a folder of any files. Its file `command` has the arguments of `timepolicy` on one line; it runs in
  the folder.

Beside a wrong case stands `wrong-NAME.txt`: exactly what the command writes to standard error, except that of `render`
each number with four or more digits is `N`, because the sizes of products change with the agent. To add a case, add the
file, run `pytest tests/unit/rules/test_cases.py --update-golden`, and read the text that it writes.
"""

import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.cases import ROOT
from tests.helpers.command_line import timepolicy

CASES = ROOT / "tests" / "cases"

POLICIES = sorted(CASES.glob("*/*.yaml"))
"""The policies among the cases, for tests that want many of any kind."""


@dataclass(frozen=True)
class Case:
    """One case. `path` is its file or folder."""

    path: Path

    @property
    def code(self) -> str:
        return self.path.parent.name

    @property
    def name(self) -> str:
        return f"{self.code}-{self.path.stem}"

    @property
    def text(self) -> Path:
        """Where a wrong case keeps what the command says."""
        return self.path.parent / f"{self.path.stem}.txt"

    def run(self) -> tuple[int, str]:
        """Return the exit status of the case's command, and what it writes to standard error."""
        if self.path.is_dir():
            return _timepolicy((self.path / "command").read_text(), self.path)
        command = re.search(rb"^# timepolicy: (.+)$", self.path.read_bytes(), flags=re.MULTILINE)
        words = command[1].decode() if command else "validate"
        if self.path.suffix == ".sh":
            policy = subprocess.run(["sh", str(self.path)], capture_output=True, check=True).stdout
            return _timepolicy(f"{words} -", self.path.parent, policy)
        return _timepolicy(f"{words} {self.path.name}", self.path.parent)


def _timepolicy(command: str, folder: Path, policy: bytes = b"") -> tuple[int, str]:
    done = timepolicy(*shlex.split(command), text=policy, folder=folder)
    text = done.stderr.decode()
    return done.returncode, re.sub(r"\b\d{4,}\b", "N", text) if command.startswith("render") else text


def cases(kind: str, code: str = "TP*") -> list[Case]:
    """Return the cases that are `wrong` or `right`, of one rule or of all."""
    return [Case(path) for path in sorted(CASES.glob(f"{code}/{kind}-*")) if path.suffix != ".txt"]
