"""TP280-TP289: authentication of time sources."""

from timepolicy.findings.finding import error, note, warning

NTS_MISSING = error(
    "TP280",
    "chrony on {release} is not known to be built with NTS: it would never have time from this source",
    "authenticate with `key`, or override the source for this release",
)
NTS_AND_KEY = error(
    "TP281",
    "a source is authenticated with NTS or with a key, not with both",
    "keep `nts` or `key`",
)
KEY_WITHOUT_FILE = error(
    "TP282",
    "key {key} is in no file: the policy names none",
    "add `authentication: {{keys_file: /etc/chrony/chrony.keys}}` with the path that the keys have on the node",
)
UNAUTHENTICATED = error(
    "TP283",
    "`{host}` is not authenticated, and this policy requires it: chronyd would never follow it",
    "add `nts: true` or `key` to it (for the cluster's own servers to `servers`), or remove it",
)
DATES_AT_A_WRONG_CLOCK = warning(
    "TP284",
    "a node whose clock is far off at boot takes every certificate for expired or not yet valid, and stays there",
    "add a source with `key`, or write `certificate_dates: after_first_update` if you can bear what its page says",
)
FIRST_STEP_UNAUTHENTICATED = note(
    "TP285",
    "sources are authenticated for chronyd alone: the agent still steps the clock by what plain NTP says at boot",
    "write `require_authentication: true` if that is not enough",
)
DHCP_UNAUTHENTICATED = error(
    "TP286",
    "DHCP's servers are not authenticated, and this policy requires it",
    "write `dhcp_sources: ignore`",
)
FILE_NOT_READABLE = error(
    "TP287",
    "chronyd may not read `{file}` on {release}: its AppArmor profile lets it read below {folders} only",
    "put the file below /etc/chrony",
)
KEYS_IN_USER_DATA = warning(
    "TP288",
    "the keys become part of what is rendered: whoever may read user-data, on the node or by the cloud's API, has them",
    "put the file on the node another way, or keep the product as secret as the keys",
)
KEY_NOT_GIVEN = error(
    "TP289",
    "key {key} is not among the keys that are given",
    "add it to their file, or name another key",
)
