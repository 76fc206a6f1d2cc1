"""Releases without free security updates, as of the catalogue's edition; paid extensions do not count.

The list is fixed and not compared with the current date, so that a policy gives the same findings in any year.
"""

EDITION = "2026-11"
"""The month of the list."""

ENDED: dict[str, str] = {
    "debian-11": "2026-08",  # wiki.debian.org/LTS
    "ubuntu-20.04": "2025-05",  # ubuntu.com/about/release-cycle: five years
    "ubuntu-25.10": "2026-07",  # ubuntu.com/about/release-cycle: nine months
    "centos-stream-8": "2024-05",  # centos.org/cl-vs-cs, end of life
    "fedora-41": "2025-12",  # docs.fedoraproject.org: a month after the release after next
    "fedora-42": "2026-05",
    "amazon-linux-2": "2026-06",  # aws.amazon.com/amazon-linux-2/faqs
    "sles-15-sp5": "2024-12",  # suse.com/lifecycle, general support
    "sles-15-sp6": "2025-12",
    "opensuse-leap-15.6": "2026-04",  # get.opensuse.org/leap
    "openeuler-20.03": "2024-04",  # openeuler.org/en/other/lifecycle
    "cbl-mariner-2": "2025-07",  # Microsoft's announcement for Azure Linux 2.0
}
"""The month of the end, by release."""
