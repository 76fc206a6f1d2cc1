"""Every rule by its code, gathered from the modules that declare them beside their checks.

A code never changes its meaning. Only the commands `rules` and `explain` and the check of `ignore` need all rules.
"""

from types import ModuleType

from timepolicy import inventory
from timepolicy.configs import file_set, key_files, own_clock, policy_text, public_sources, settings
from timepolicy.configs.chrony import (
    access,
    access_list,
    clock,
    command_port,
    conversion,
    grammar,
    includes,
    overridden,
    paths,
    selection,
    sources,
)
from timepolicy.configs.ntpd import mistakes as ntpd_mistakes
from timepolicy.configs.timesyncd import configuration as timesyncd_configuration
from timepolicy.configs.timesyncd import conversion as timesyncd_conversion
from timepolicy.configs.timesyncd import mistakes as timesyncd_mistakes
from timepolicy.document import load, parse, shape, yaml_errors
from timepolicy.findings.finding import Rule
from timepolicy.plan import agent_plan, agentless, daemons, extra, firewall, planner, user_data
from timepolicy.plan.daemons import chrony, chrony_authentication
from timepolicy.plan.daemons import timesyncd as timesyncd_daemon
from timepolicy.rules import ignore
from timepolicy.rules.check import DOCUMENT_MODULES, POLICY_MODULES
from timepolicy.user_data import cloud_config, conflicts, merging, parts


def _rules_of(*modules: ModuleType) -> dict[str, Rule]:
    """The rules that `modules` declare, in the order of their codes."""
    rules = [value for module in modules for value in vars(module).values() if isinstance(value, Rule)]
    return {rule.code: rule for rule in sorted(rules, key=lambda rule: rule.code)}


RULES_OF_POLICIES = _rules_of(
    *(load, yaml_errors, parse, shape),
    *(*POLICY_MODULES, *DOCUMENT_MODULES, ignore),
    *(
        planner,
        agent_plan,
        daemons,
        chrony,
        chrony_authentication,
        timesyncd_daemon,
        extra,
        firewall,
        agentless,
        user_data,
    ),
)
"""What a policy can break."""

RULES_OF_CONFIGURATIONS = _rules_of(
    *(file_set, includes, grammar, access_list, access, command_port, clock, sources, paths, ntpd_mistakes),
    *(timesyncd_configuration, timesyncd_mistakes, timesyncd_conversion),
    *(settings, key_files, own_clock, public_sources, selection, overridden, conversion, policy_text),
)
"""What files of time daemons can break, and what an import also reports."""

RULES_OF_USER_DATA = _rules_of(parts, cloud_config, merging, conflicts)
"""What other user-data, with which a product is joined, can break."""

RULES_OF_INVENTORIES = _rules_of(inventory)
"""What a list of nodes can break."""

RULES = dict(sorted((RULES_OF_POLICIES | RULES_OF_CONFIGURATIONS | RULES_OF_USER_DATA | RULES_OF_INVENTORIES).items()))
"""All of them."""
