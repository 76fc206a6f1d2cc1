"""What a caller asks for: which node, which format. A request may be wrong although the policy is right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from timepolicy.distros import catalogue
from timepolicy.distros.catalogue import Target
from timepolicy.distros.release import Release
from timepolicy.facts.clouds import CLOUDS
from timepolicy.findings.wording import listed
from timepolicy.formats import FORMATS, formats_for
from timepolicy.policy.keys import Keys
from timepolicy.policy.role import Role
from timepolicy.rules.releases import unknown_release

if TYPE_CHECKING:
    from timepolicy.user_data.parts import Part

UNPACKED_BY_CLOUD_INIT = ("cloud-config", "mime", "boothook")
"""Formats that cloud-init decompresses (cloud-init, user-data formats)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What to compile a policy to.

    `distro` is a release as `timepolicy distros` names it; without one, the product serves every release that the
    policy names. `format` is a name of FORMATS; without one, it is the first that fits. `keys` are for the node's
    keys_file. `gzip` compresses the product; `limit` is a cloud of CLOUDS, whose limit the product must not exceed.
    `others` are the parts of other user-data; the product is then one document with these and ours, in format `mime`.
    """

    distro: str | None = None
    role: Role = Role.CLIENT
    format: str | None = None
    keys: Keys | None = None
    gzip: bool = False
    limit: str | None = None
    others: "tuple[Part, ...]" = ()


class RequestError(ValueError):
    """A request that no policy, or not this one, can meet.

    `parameter` is the field of Request at fault, as callers name it: `with` is for `others`.
    """

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter


def target_named(key: str) -> Target:
    """Return the release `key`; raise RequestError where there is none."""
    target = catalogue.find(key)
    if target is None:
        from timepolicy.document.release_names import because, meant  # only for a mistake

        suggestion = meant(key)
        hint = f"did you mean {suggestion}?" if suggestion else unknown_release.help
        raise RequestError("distro", f"{unknown_release.message.format(name=key, reason=because(key))}; {hint}")
    return target


def own_target(key: str, policy_name: str, releases: Sequence[str]) -> Target:
    """Return the release `key` of a policy that names `releases`, or none; raise RequestError where it is another."""
    target = target_named(key)
    if releases and key not in releases:
        raise RequestError("distro", f"{policy_name} is for {listed(releases, 'and')}; add {key} to its `distros`")
    return target


def release_named(key: str) -> Release:
    """Return the release `key`, on which a time daemon reads files; raise RequestError where there is none."""
    target = target_named(key)
    if not isinstance(target, Release):
        raise RequestError("distro", f"{target.name} has no files that a time daemon reads")
    return target


def role_named(name: str) -> Role:
    """Return the role `name`; raise RequestError where there is none."""
    if name not in list(Role):
        raise RequestError("role", f"a node is {listed(list(Role))}, not `{name}`")
    return Role(name)


def requested_targets(request: Request, policy_name: str, releases: Sequence[str]) -> list[Target]:
    """Return the release that `request` names, or else the `releases` that the policy names; raise RequestError."""
    if request.distro:
        return [own_target(request.distro, policy_name, releases)]
    if not releases:
        raise RequestError("distro", release_choice(policy_name, releases))
    return [target_named(key) for key in releases]


def requested_target(distro: str | None, policy_name: str, releases: Sequence[str]) -> Target:
    """Return the release `distro`, or else the only one that the policy names; raise RequestError."""
    targets = requested_targets(Request(distro=distro), policy_name, releases)
    if len(targets) > 1:
        raise RequestError("distro", release_choice(policy_name, releases))
    return targets[0]


def requested_format(request: Request, targets: Sequence[Target], policy_name: str, releases: Sequence[str]) -> str:
    """Return the format of `request`, or the first one that serves all of `targets`; raise RequestError."""
    possible = [name for name in FORMATS if all(name in formats_for(target.provisioning) for target in targets)]
    together = [name for name in possible if len(targets) == 1 or FORMATS[name].takes_several]
    if not together or request.format in set(possible) - set(together):
        reason = f"{request.format} serves one release only" if request.format else "no format serves all its releases"
        raise RequestError("distro", f"{reason}: {release_choice(policy_name, releases)}")
    if request.format is not None and request.format not in together:
        keys = listed([target.key for target in targets], "and")
        by = listed(sorted({target.provisioning for target in targets}))
        raise RequestError("format", f"{request.format} is not for {keys}, set up by {by}; write {listed(together)}")
    if request.others and ("mime" not in together or request.format not in (None, "mime")):
        raise RequestError("with", f"other user-data is joined in the format mime only, not in {together[0]}")
    name = "mime" if request.others else request.format or together[0]
    if request.gzip and name not in UNPACKED_BY_CLOUD_INIT:
        formats = listed(UNPACKED_BY_CLOUD_INIT)
        raise RequestError("gzip", f"{name} stays compressed on the node; name one that cloud-init knows: {formats}")
    if request.limit is not None and request.limit not in CLOUDS:
        raise RequestError("limit", f"there is no cloud `{request.limit}`; there is {listed(list(CLOUDS))}")
    return name


def release_choice(policy_name: str, releases: Sequence[str]) -> str:
    """Return a message that one release has to be chosen, and which ones there are."""
    choice = f"{policy_name} names {', '.join(releases)}" if releases else "`timepolicy distros` lists them"
    return f"choose one release; {choice}"
