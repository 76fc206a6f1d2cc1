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
from timepolicy.rules import (
    addresses,
    authentication,
    clocks,
    gate,
    ignore,
    monitoring,
    overrides,
    presets,
    releases,
    servers,
    timezone,
)
from timepolicy.rules import extra as extra_lines
from timepolicy.rules import sources as policy_sources
from timepolicy.user_data import cloud_config, conflicts, merging, parts


def _rules_of(*modules: ModuleType) -> dict[str, Rule]:
    """The rules that `modules` declare, in the order of their codes."""
    rules = [value for module in modules for value in vars(module).values() if isinstance(value, Rule)]
    return {rule.code: rule for rule in sorted(rules, key=lambda rule: rule.code)}


def _merged(topics: dict[str, dict[str, Rule]]) -> dict[str, Rule]:
    """The rules of all topics, in the order of their codes."""
    return dict(sorted((code, rule) for rules in topics.values() for code, rule in rules.items()))


POLICY_TOPICS = {
    "The text of a policy": _rules_of(load, yaml_errors, parse),
    "Keys and values": _rules_of(shape, timezone),
    "Sources": _rules_of(policy_sources, addresses),
    "Servers and their firewall": _rules_of(servers, firewall),
    "The gate and the clock": _rules_of(gate),
    "Authentication": _rules_of(authentication, chrony_authentication),
    "Clouds and hardware clocks": _rules_of(presets, clocks),
    "Additional lines for a daemon: `extra`": _rules_of(extra_lines, extra),
    "Monitoring": _rules_of(monitoring),
    "Overrides and `ignore`": _rules_of(overrides, ignore),
    "Releases and their daemons": _rules_of(
        *(releases, planner, agent_plan, daemons, chrony, timesyncd_daemon, agentless, user_data)
    ),
}
"""What a policy can break."""

FILE_TOPICS = {
    "Files of chrony": _rules_of(
        *(includes, grammar, access_list, access, command_port, clock, sources, paths, selection, overridden),
        *(own_clock, public_sources),
    ),
    "Files of systemd-timesyncd": _rules_of(timesyncd_configuration, timesyncd_mistakes),
    "Files of ntpd": _rules_of(ntpd_mistakes),
    "Import of such files": _rules_of(
        *(file_set, settings, key_files, conversion, timesyncd_conversion, policy_text),
    ),
    "Other user-data": _rules_of(parts, cloud_config, merging, conflicts),
    "Lists of nodes": _rules_of(inventory),
}
"""What files of time daemons, other user-data and lists of nodes can break."""

TOPICS = POLICY_TOPICS | FILE_TOPICS
"""The rules of each topic. One that two modules use is in two topics, and belongs to the first."""

RULES_OF_POLICIES = _merged(POLICY_TOPICS)
RULES = _merged(TOPICS)
