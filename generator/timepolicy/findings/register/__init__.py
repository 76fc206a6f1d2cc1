"""Every rule: its code, how much it weighs, what it says and what to do. A module for each range of codes.

A code never changes its meaning.
"""

from timepolicy.findings.finding import Rule
from timepolicy.findings.register import (
    advice,
    allowances,
    authentication,
    firewall,
    imports,
    names,
    notes,
    presets,
    sense,
    serving,
    shape,
    systems,
    targets,
    text,
)

ALL: tuple[Rule, ...] = tuple(
    rule
    for module in (
        *(text, shape, names, targets, sense, notes, allowances, advice, serving, imports),
        *(firewall, authentication, presets, systems),
    )
    for rule in vars(module).values()
    if isinstance(rule, Rule)
)

RULES: dict[str, Rule] = {rule.code: rule for rule in ALL}
"""Every rule by its code, in the order of the codes."""
