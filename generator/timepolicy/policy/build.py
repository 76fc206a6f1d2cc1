"""From a document of the right shape to a Policy. The defaults of the language are here and in the schema."""

from collections.abc import Iterator
from typing import Any

from timepolicy.distros.release import DaemonName
from timepolicy.document.tree import Path, Value, dotted
from timepolicy.facts.presets import PRESETS
from timepolicy.policy.keys import Keys
from timepolicy.policy.model import (
    EXTRA_KEYS,
    Authentication,
    Backend,
    Clients,
    Clock,
    Extra,
    Firewall,
    Gate,
    Monitoring,
    NtsService,
    Policy,
    Proof,
    Servers,
    Step,
    TimeSource,
    When,
)
from timepolicy.policy.options import Family, SourceOptions
from timepolicy.policy.role import Role
from timepolicy.source import Place
from timepolicy.tokens import AbsolutePath, DirectiveLine, Duration, Host, Network, Token, UnitName

DEFAULT_GATE = ("kubelet", "k3s", "k3s-agent", "rke2-server", "rke2-agent", "etcd")
"""Services that wait for the gate by default, without their suffix; systemd ignores those that a node lacks."""


def build_policy(document: Value, role: Role, keys: Keys | None = None) -> Policy:
    """Return the policy that `document` sets for `role`; it must fit the schema, with valid addresses."""
    return _Builder(document.plain(), dict(_origins(document, ())), keys).policy(role)


def _origins(value: Value, path: Path) -> Iterator[tuple[str, Place]]:
    name = dotted(path)
    yield name, Place(path=name, span=value.span)
    for step, inner in value.children():
        yield from _origins(inner, (*path, step))


class _Builder:
    """Builds each part of a policy from plain data of the schema's shape."""

    def __init__(self, data: Any, origins: dict[str, Place], keys: Keys | None) -> None:
        self.data: dict[str, Any] = data
        self.origins = origins
        self.keys = keys

    def policy(self, role: Role) -> Policy:
        return Policy(
            role=role,
            name=Token(self.data.get("name", "cluster")),
            timezone=Token(self.data["timezone"]),
            upstreams=self.sources(self.data.get("upstreams", []), "upstreams"),
            upstream_clocks=self.clocks(self.data.get("upstreams", []), "upstreams"),
            servers=self.servers(self.data.get("servers", {})),
            clients=self.clients(self.data.get("clients", {})),
            step=self.step(self.data.get("step", {})),
            gate=self.gate(self.data.get("gate", {})),
            authentication=self.authentication(self.data.get("authentication", {})),
            firewall=self.firewall(self.data.get("firewall", {})),
            monitoring=self.monitoring(self.data.get("monitoring", {})),
            origins=self.origins,
        )

    def sources(self, items: list[Any], path: str, **common: bool | int) -> tuple[TimeSource, ...]:
        places = ((item, f"{path}[{index}]") for index, item in enumerate(items))
        return tuple(source for item, place in places for source in self.entry(item, place, common))

    def clocks(self, items: list[Any], path: str) -> tuple[Clock, ...]:
        """Return the hardware clocks among sources, also those of presets."""
        clocks = []
        for index, item in enumerate(items):
            entry = item if isinstance(item, dict) else {}
            device = PRESETS[entry["preset"]].clock if "preset" in entry else entry.get("phc")
            if device:
                options, origin = frozenset(entry) - {"phc", "preset"}, self.origins[f"{path}[{index}]"]
                clocks.append(Clock(device=AbsolutePath(device), options=options, origin=origin))
        return tuple(clocks)

    def entry(self, item: Any, path: str, common: dict[str, bool | int]) -> Iterator[TimeSource]:
        """Yield the source, each server of a preset, or nothing for a clock. `common` are options of all sources."""
        options: dict[str, Any] = {"server": item} if isinstance(item, str) else dict(item)
        preset, is_pool = options.pop("preset", None), "pool" in options
        hosts = [options.pop(key) for key in ("server", "pool") if key in options]
        if "phc" in options:
            return
        if preset:
            hosts = list(PRESETS[preset].servers)
            if options.get("family") == Family.IPV6 and PRESETS[preset].ipv6_servers:
                hosts = list(PRESETS[preset].ipv6_servers)
                del options["family"]  # the address says it, also to a chrony without the option
        for host in hosts:
            yield TimeSource(
                host=Host(host),
                is_pool=is_pool,
                in_cluster=path.startswith("servers"),
                options=SourceOptions.from_data(options | common),
                origin=self.origins[path],
                preset=preset,
            )

    def servers(self, data: dict[str, Any]) -> Servers:
        nts = data.get("nts")
        # clients authenticate their servers with whatever the servers offer
        common: dict[str, bool | int] = {"nts": True} if nts else {}
        common |= {"key": data["key"]} if "key" in data else {}
        return Servers(
            addresses=self.sources(data.get("addresses", []), "servers.addresses", **common),
            allow=tuple(Network(network) for network in data.get("allow", [])),
            orphan_stratum=data.get("orphan_stratum"),
            nts=NtsService(**{name: AbsolutePath(path) for name, path in nts.items()}) if nts else None,
            extra=self.extra_lines(data.get("extra", {})),
        )

    def clients(self, data: dict[str, Any]) -> Clients:
        daemon = data.get("daemon", "auto")
        return Clients(
            daemon=None if daemon == "auto" else DaemonName(daemon),
            fallback=self.sources(data.get("fallback", []), "clients.fallback"),
            fallback_clocks=self.clocks(data.get("fallback", []), "clients.fallback"),
            use_dhcp_sources=data.get("dhcp_sources", "ignore") == "use",
            listens=data.get("listen", "loopback") == "loopback",
            min_sources=data.get("min_sources", 1),
            extra=self.extra_lines(data.get("extra", {})),
        )

    @staticmethod
    def extra_lines(data: dict[str, list[str]]) -> Extra:
        return {daemon: tuple(map(DirectiveLine, data[key])) for daemon, key in EXTRA_KEYS.items() if data.get(key)}

    def authentication(self, data: dict[str, Any]) -> Authentication:
        files = {
            name: AbsolutePath(data[name]) if name in data else None for name in ("keys_file", "trusted_certificates")
        }
        return Authentication(
            **files,
            checks_dates_at_once=data.get("certificate_dates", "always") == "always",
            is_required=self.data.get("require_authentication", False),
            keys=self.keys,
        )

    @staticmethod
    def firewall(data: dict[str, Any]) -> Firewall:
        return Firewall(backend=Backend(data.get("backend", "auto")), egress=data.get("egress", False))

    @staticmethod
    def monitoring(data: dict[str, Any]) -> Monitoring:
        return Monitoring(
            textfile_dir=AbsolutePath(data["textfile_dir"]) if "textfile_dir" in data else None,
            has_doctor=data.get("doctor", False),
            warn_offset=Duration.parse(data.get("warn_offset", "30s")),
            critical_offset=Duration.parse(data.get("critical_offset", "120s")),
        )

    @staticmethod
    def step(data: dict[str, Any]) -> Step:
        return Step(threshold=Duration.parse(data.get("threshold", "1s")), when=When(data.get("when", "pause")))

    @staticmethod
    def gate(data: dict[str, Any]) -> Gate:
        default = [f"{name}.service" for name in DEFAULT_GATE]
        return Gate(
            units=tuple(UnitName(unit) for unit in data.get("units", default)),
            max_offset=Duration.parse(data.get("max_offset", "100ms")),
            timeout=Duration.parse(data.get("timeout", "10m")),
            start_on_timeout=data.get("on_timeout", "block") == "start",
            proof=Proof(data.get("proof", "kernel")),
            holdover=Duration.parse(data["holdover"]) if "holdover" in data else None,
        )
