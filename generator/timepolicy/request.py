"""What a request names: a release, a role. A request may be wrong where the policy is right."""

from timepolicy.distros import targets
from timepolicy.distros.release import Release
from timepolicy.distros.targets import Target
from timepolicy.document.spelling import nearest
from timepolicy.findings.wording import listed
from timepolicy.policy.model import Role
from timepolicy.rules.releases import unknown_release


class RequestError(ValueError):
    """A request that nobody could meet. `parameter` is the one at fault: an option, or an attribute in Terraform."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter


def target_named(key: str) -> Target:
    """Return the target that the parameter `distro` names; raise RequestError where there is none."""
    target = targets.find(key)
    if target is None:
        near = nearest(key, targets.TARGETS)
        hint = f"did you mean {near}?" if near else unknown_release.help
        raise RequestError("distro", f"{unknown_release.message.format(name=key)}; {hint}")
    return target


def release_named(key: str) -> Release:
    """Return the release that `distro` names; raise RequestError where it is none that has files of a time daemon."""
    target = target_named(key)
    if not isinstance(target, Release):
        raise RequestError("distro", f"{target.name} has no files that a time daemon reads")
    return target


def role_named(name: str) -> Role:
    """Return the role that `role` names; raise RequestError where it is none."""
    if name not in list(Role):
        raise RequestError("role", f"a node is {listed(list(Role))}, not `{name}`")
    return Role(name)
