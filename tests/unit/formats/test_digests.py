"""Bytes for ever: tests/trees/digests has the SHA-256 of every product of the examples.

Each example is compiled for every release of the catalogue and each role that the example uses, in the release's own
format; for the first release that the example names also in all others. Where it cannot be compiled, the codes of the
errors stand in the place of the digest. On a node, a change of one line here is another user-data.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.cases import TREES
from tests.helpers.examples import EXAMPLES
from tests.helpers.golden_files import assert_golden
from timepolicy.compiler import named_releases, plan_kind, read_policy, roles_of
from timepolicy.distros.catalogue import TARGETS
from timepolicy.document.tree import Value
from timepolicy.findings.finding import Severity
from timepolicy.formats import FORMATS, formats_for
from timepolicy.source import Source

FOLDER = TREES / "digests"

CHANGED = """\
Products of examples/{name} have other bytes than before, so every node that gets them is different, such as:
{line}
If this is meant, say so in CHANGELOG.md, and write the new digests:
    pytest -q tests/unit/formats/test_digests.py --update-golden
"""


def digests(document: Value) -> Iterator[str]:
    first = (named_releases(document) or ["debian-12"])[0]
    for key, target in TARGETS.items():
        for role in roles_of(document):
            result = plan_kind(document, target, role)
            names = formats_for(target.provisioning)
            for name in names if key == first else names[:1]:
                path = f"{key}/{role}.{FORMATS[name].extension}"
                if result.value is None:
                    codes = {finding.rule.code for finding in result.findings if finding.severity is Severity.ERROR}
                    yield f"{','.join(sorted(codes)):<64}  {path}\n"
                else:
                    yield f"{hashlib.sha256(FORMATS[name].render(result.value.plan)).hexdigest()}  {path}\n"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_products_of_an_example_have_the_bytes_that_they_had(example: Path, update_golden: bool) -> None:
    source = Source.decode("timepolicy.yaml", (example / "timepolicy.yaml").read_bytes())
    document = read_policy(source).value
    assert document is not None
    text, golden = "".join(digests(document)), FOLDER / f"{example.name}.txt"
    if not update_golden:
        old = golden.read_text() if golden.exists() else ""
        changed = sorted(set(text.splitlines()) ^ set(old.splitlines()))
        assert not changed, CHANGED.format(name=example.name, line=changed[0])
    assert_golden(golden, text, update_golden)


def test_there_are_digests_of_all_examples_and_of_no_others() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {example.name for example in EXAMPLES}
    lines = [line for path in FOLDER.iterdir() for line in path.read_text().splitlines()]
    assert len(lines) > len(EXAMPLES) * len(TARGETS)
    assert sum(1 for line in lines if len(line.split()[0]) == 64) > len(lines) / 2
