"""Which tests pytest-xdist gives to the same worker, one after the other.

Its own `--dist loadgroup` has no effect with pytest 9.2 and pytest-xdist 3.8: pytest does not read the attribute
in which xdist writes the group.
"""

from xdist.scheduler import LoadScopeScheduling

GUESTS = 2
"""How many guests may boot at the same time: each needs a processor for itself."""

BOOTS = ("tests/boot/test_boot.py", "tests/boot/test_clusters.py")
ONE_AFTER_THE_OTHER = tuple(
    f"tests/native/test_{name}.py"
    for name in (
        "any_policy",
        "doctor_on_node",
        "monitoring",
        "monitoring_files",
        "release",
        "site",
        "terraform_provider",
    )
)
"""They share a fixture; or, without root, the doctor would see the daemons of the others."""

USE_BUILDAH = tuple(f"tests/native/test_{name}.py" for name in ("containerfile", "tool_container"))
"""They share its root directory."""


class Schedule(LoadScopeScheduling):
    """Sends whole modules to a worker; those of tests/native test by test, because their tests wait a lot."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        if module in BOOTS:
            return f"boot-{self.collection.index(nodeid) % GUESTS}"
        if module in USE_BUILDAH:
            return "buildah"
        is_alone = module.startswith("tests/native/") and module not in ONE_AFTER_THE_OTHER
        return nodeid if is_alone else module
