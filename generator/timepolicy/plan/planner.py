"""From a policy and a target to the plan of a node."""

from collections.abc import Iterator
from dataclasses import replace

from timepolicy.distros.appliances import Appliance
from timepolicy.distros.catalogue import Target
from timepolicy.distros.release import DaemonName, Release
from timepolicy.findings.finding import Finding, note
from timepolicy.findings.result import Findings, Result
from timepolicy.findings.wording import listed
from timepolicy.plan.agent_plan import plan_agent
from timepolicy.plan.daemons import DAEMON_NOT_AVAILABLE, DAEMONS, Daemon
from timepolicy.plan.extra import unsupported_extra
from timepolicy.plan.settings_plan import plan_settings
from timepolicy.plan.types import NodePlan
from timepolicy.plan.unit_plan import plan_units
from timepolicy.policy.model import WHOLE_POLICY, Policy
from timepolicy.policy.role import Role

CATALOGUE_ASSUMPTION = replace(
    note(
        "TP100",
        "{release}: {assumption}{others}",
        "check it on a node of your own first, if it matters to you",
    ),
    is_brief=True,  # it is no mistake, and comes with every command until the catalogue knows more
)


def plan_node(policy: Policy, target: Target) -> Result[NodePlan]:
    """Return the node's plan; no plan, and an error for each reason, where the target cannot do what is asked."""
    if isinstance(target, Appliance):
        return plan_settings(policy, target)
    daemons = Result(target, Findings(_assumptions(target))).then(lambda release: _capable_daemons(policy, release))
    daemons = daemons.then(lambda choice: Result(choice, Findings(unsupported_extra(policy, target, choice))))
    daemons = daemons.unless_errors()
    if target.has_agent:
        return daemons.then(lambda choice: plan_agent(policy, target, choice))
    return daemons.then(lambda choice: plan_units(policy, target, choice))


def _assumptions(release: Release) -> Iterator[Finding]:
    """Yield one note, so that other findings stay visible; `timepolicy distros` has the rest."""
    if release.assumptions:
        first, *others = release.assumptions
        more = "; `timepolicy distros` lists the other assumptions about it" if others else ""
        yield CATALOGUE_ASSUMPTION.at(WHOLE_POLICY, release=release.key, assumption=first, others=more)


def joined_assumptions(findings: Findings) -> Findings:
    """Return `findings` with one note about all releases with assumptions instead of one for each."""
    notes = [finding for finding in findings.shown if finding.rule is CATALOGUE_ASSUMPTION]
    if len(notes) < 2:  # noqa: PLR2004  # several
        return findings
    joined = CATALOGUE_ASSUMPTION.at(
        WHOLE_POLICY,
        release=listed(sorted({note.values["release"] for note in notes}), "and"),
        assumption="parts of what is known about them are assumptions",
        others="; `timepolicy distros` lists these",
    )
    return Findings([*(finding for finding in findings if finding not in notes), joined])


def _capable_daemons(policy: Policy, release: Release) -> Result[tuple[Daemon, ...]]:
    """Return the daemon that the policy sets for clients or, under auto, all that can do everything.

    The release's own daemon comes first. If none can, the findings are those of one daemon: one that the release has,
    and of these the one with the fewest places to correct.
    """
    named = policy.clients.daemon if policy.role is Role.CLIENT else None
    if named is DaemonName.NONE:
        return Result(())
    names = [named] if named else sorted(DAEMONS, key=lambda name: name is not release.default_daemon)
    refusals: dict[DaemonName, list[Finding]] = {}
    for name in names:
        daemon = DAEMONS[name]
        if daemon.is_available(release):
            refusals[name] = list(daemon.unsupported(policy, release))
        else:
            way_out = f"write `daemon: auto`, or override the daemon for {release.key}"
            values = {"daemon": name, "release": release.key, "advice": way_out if named else "use another release"}
            refusals[name] = [DAEMON_NOT_AVAILABLE.at(policy.origin("clients.daemon"), **values)]
    if capable := tuple(DAEMONS[name] for name in names if not refusals[name]):
        return Result(capable)
    most_capable = [name for name in DAEMONS if name in refusals]  # of two that are equally close
    places = {name: {finding.span for finding in refusals[name]} for name in most_capable}
    closest = min(most_capable, key=lambda name: (not DAEMONS[name].is_available(release), len(places[name])))
    return Result(None, Findings(refusals[closest]))
