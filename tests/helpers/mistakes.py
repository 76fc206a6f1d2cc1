"""Ten mistakes, in a policy and in files of cloud-init and Butane: trees/mistakes."""

from dataclasses import dataclass

import pytest
import yaml

from tests.helpers.cases import TREES

FOLDER = TREES / "mistakes"


BUTANE = yaml.safe_load((FOLDER / "butane.yaml").read_text())


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """The text that our finding marks, its suggestion, and whether cloud-init refuses the file and names the line."""

    at: str
    suggestion: str | None
    cloud_init_refuses: bool
    cloud_init_has_line: bool


MISTAKES = {
    "key-misspelt": Mistake(
        at="upstrems", suggestion="upstreams", cloud_init_refuses=False, cloud_init_has_line=False
    ),
    "key-misspelt-nested": Mistake(
        at="sever", suggestion="server", cloud_init_refuses=True, cloud_init_has_line=False
    ),
    "type": Mistake(at='"yes"', suggestion="true", cloud_init_refuses=True, cloud_init_has_line=False),
    "value-of-a-choice": Mistake(
        at="crony", suggestion="chrony", cloud_init_refuses=False, cloud_init_has_line=False
    ),
    "timezone": Mistake(
        at="Asia/Shangai", suggestion="Asia/Shanghai", cloud_init_refuses=False, cloud_init_has_line=False
    ),
    "unclosed-bracket": Mistake(at="[", suggestion=None, cloud_init_refuses=True, cloud_init_has_line=True),
    "key-twice": Mistake(at="timezone", suggestion=None, cloud_init_refuses=False, cloud_init_has_line=False),
    "tab": Mistake(at="\t", suggestion=None, cloud_init_refuses=True, cloud_init_has_line=True),
    "address": Mistake(at="10.2.12.999", suggestion=None, cloud_init_refuses=False, cloud_init_has_line=False),
    "key-missing": Mistake(at="u", suggestion=None, cloud_init_refuses=True, cloud_init_has_line=False),
}  # fmt: skip


all_mistakes = pytest.mark.parametrize("name", MISTAKES)
