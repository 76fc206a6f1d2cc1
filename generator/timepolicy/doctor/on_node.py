"""`timepolicy-node doctor`: the doctor on the node itself, without what needs other nodes or the whole tool.

It runs on Python 3.6, for which agent/doctor_packer.py translates what this and its modules use of newer ones.
"""

from collections.abc import Callable, Sequence

from timepolicy.doctor.clock import CLOCK_CHECKS
from timepolicy.doctor.daemons import DAEMON_CHECKS
from timepolicy.doctor.diagnosis import Diagnosis, by_weight
from timepolicy.doctor.fixes import fix
from timepolicy.doctor.kubernetes import KUBERNETES_CHECKS
from timepolicy.doctor.node import Node
from timepolicy.doctor.remote import Access, Failure, examine
from timepolicy.doctor.report import has_error, text_report
from timepolicy.doctor.sources import SOURCE_CHECKS

USAGE = """usage: timepolicy-node doctor [--fix]

Says why this node does not keep the right time. It changes nothing.
--fix  repair what is safe to repair, and print each command before it runs

Exit status: 0 right or warnings only, 1 an error, 2 wrong usage, 3 not examined
"""

SECONDS = 120
"""How long it may take: each source that does not answer takes 2 s, and its name up to 10 s."""


def diagnoses_here(node: Node) -> list[Diagnosis]:
    """Return the diagnoses of this node alone."""
    checks = (*DAEMON_CHECKS, *SOURCE_CHECKS, *CLOCK_CHECKS, *KUBERNETES_CHECKS)
    return by_weight(diagnosis for check in checks for diagnosis in check(node, [node]))


def doctor_here(words: Sequence[str], say: Callable[[str], object]) -> int:
    """Examine this node, print the report, and return the exit status."""
    if list(words) not in ([], ["--fix"]):
        say(USAGE)
        return 2
    access = Access((), SECONDS)
    found = examine("localhost", access)
    if isinstance(found, Failure):
        say(text_report([], [found]))
        return 3
    node = Node(found)
    diagnoses = diagnoses_here(node)
    say(text_report([(node, diagnoses)], []))
    if words:
        return 0 if fix([(node, diagnoses)], access, diagnoses_here, say) else 1
    return 1 if has_error(diagnoses) else 0
