"""Repairs what is safe to repair: one node after the other, and each command is printed before it runs."""

import time
from collections.abc import Callable, Sequence

from timepolicy.doctor.diagnosis import Diagnosis
from timepolicy.doctor.examination import Examination
from timepolicy.doctor.node import Node
from timepolicy.doctor.remote import Access, examine, run_script
from timepolicy.findings.printable import escaped

LOOKS, PAUSE_S = 4, 10
"""How often a node is examined after its fix, and seconds between: a restarted daemon needs some to synchronize."""


def fix(
    rows: Sequence[tuple[Node, Sequence[Diagnosis]]],
    access: Access,
    diagnoses_of: Callable[[Node], Sequence[Diagnosis]],
    say: Callable[[str], object],
) -> bool:
    """Run the fixes of each node, and examine it again before the next node; stop at the first that is not repaired.

    Returns whether every fix had its effect. `say` gets lines to print.
    """
    for node, diagnoses in rows:
        wanted = [diagnosis for diagnosis in diagnoses if diagnosis.fix]
        if not wanted:
            say(f"{escaped(node.host)}: nothing that is safe to fix\n" if diagnoses else "")
            continue
        if not node.is_root:
            say(f"{escaped(node.host)}: not fixed: only root can; with ssh, see --sudo\n")
            return False
        if not _fix_node(node, wanted, access, diagnoses_of, say):
            return False
    return True


def _fix_node(
    node: Node,
    wanted: Sequence[Diagnosis],
    access: Access,
    diagnoses_of: Callable[[Node], Sequence[Diagnosis]],
    say: Callable[[str], object],
) -> bool:
    host = escaped(node.host)
    for diagnosis in wanted:
        say(f"{host}: fixing {diagnosis.id}: {diagnosis.fix}\n")
        succeeded, output = run_script(node.host, access, diagnosis.fix)
        if not succeeded:
            say(f"{host}: this failed, and nothing more is fixed: {escaped(output[-200:]) or 'no output'}\n")
            return False
    for look in range(LOOKS):
        time.sleep(PAUSE_S if look else 0)
        again = examine(node.host, access)
        if not isinstance(again, Examination):
            say(f"{host}: not examined after the fix, and nothing more is fixed: {again.reason}\n")
            return False
        left = {diagnosis.id for diagnosis in diagnoses_of(Node(again))}
        remaining = [diagnosis.id for diagnosis in wanted if diagnosis.id in left]
        if not remaining:
            say(f"{host}: fixed\n")
            return True
    say(f"{host}: still there, and nothing more is fixed: {', '.join(remaining)}\n")
    return False
