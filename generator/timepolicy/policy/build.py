"""From a document of the right shape to a Policy; the defaults of the language stand here and in the schema."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from timepolicy.document.tree import Path, Value, dotted
from timepolicy.facts.presets import PRESETS
from timepolicy.policy.keys import Keys
from timepolicy.policy.model import (
    Authentication,
    Backend,
    Clients,
    Clock,
    Firewall,
    Gate,
    NtsService,
    Origin,
    Policy,
    Servers,
    Step,
    TimeSource,
    When,
)
from timepolicy.policy.options import SourceOptions
from timepolicy.policy.role import Role
from timepolicy.tokens import AbsolutePath, Duration, Host, Network, Token, UnitName

DEFAULT_GATE = ("kubelet", "k3s", "k3s-agent", "rke2-server", "rke2-agent", "etcd")


def build_policy(document: Value, role: Role, keys: Keys | None = None) -> Policy:
    """Return the policy that `document` states for `role`; its shape and its addresses have been checked."""
    return _Builder(document.plain(), dict(_origins(document, ())), keys).policy(role)


def _origins(value: Value, path: Path) -> Iterator[tuple[str, Origin]]:
    name = dotted(path)
    yield name, Origin(path=name, span=value.span)
    for step, inner in value.children():
        yield from _origins(inner, (*path, step))


class _Builder:
    """Reads plain data of the schema's shape; each method returns one part."""

    def __init__(self, data: Any, origins: dict[str, Origin], keys: Keys | None) -> None:
        self.data: dict[str, Any] = data
        self.origins = origins
        self.keys = keys

    def policy(self, role: Role) -> Policy:
        monitoring = self.data.get("monitoring")
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
            textfile_dir=AbsolutePath(monitoring["textfile_dir"]) if monitoring else None,
            origins=self.origins,
        )

    def sources(self, items: list[Any], path: str, **common: bool | int) -> tuple[TimeSource, ...]:
        places = ((item, f"{path}[{index}]") for index, item in enumerate(items))
        return tuple(source for item, place in places for source in self.entry(item, place, common))

    def clocks(self, items: list[Any], path: str) -> tuple[Clock, ...]:
        """The hardware clocks among sources, those of presets too."""
        places = ((item, f"{path}[{index}]") for index, item in enumerate(items) if isinstance(item, dict))
        return tuple(
            Clock(
                device=AbsolutePath(device),
                options=frozenset(item) - {"phc", "preset"},
                origin=self.origins[place],
            )
            for item, place in places
            if (device := item.get("phc") or ("preset" in item and PRESETS[item["preset"]].clock))
        )

    def entry(self, item: Any, path: str, common: dict[str, bool | int]) -> list[TimeSource]:
        """One source, or each server of a preset; nothing for a clock."""
        if isinstance(item, dict) and "phc" in item:
            return []
        if not (isinstance(item, dict) and "preset" in item):
            return [self.source(item, path, common)]
        preset, options = item["preset"], {key: value for key, value in item.items() if key != "preset"}
        servers = PRESETS[preset].servers
        return [replace(self.source(options | {"server": host}, path, common), preset=preset) for host in servers]

    def source(self, item: Any, path: str, common: dict[str, bool | int]) -> TimeSource:
        stated: dict[str, Any] = {"server": item} if isinstance(item, str) else dict(item)
        is_pool = "pool" in stated
        host = Host(stated.pop("pool" if is_pool else "server"))
        return TimeSource(
            host=host,
            is_pool=is_pool,
            in_cluster=path.startswith("servers"),
            options=SourceOptions.from_data(stated | common),
            origin=self.origins[path],
        )

    def servers(self, data: dict[str, Any]) -> Servers:
        common = {
            option: bool(data[option]) if option == "nts" else data[option]
            for option in ("nts", "key")
            if option in data
        }
        nts = data.get("nts")
        return Servers(
            addresses=self.sources(data.get("addresses", []), "servers.addresses", **common),
            allow=tuple(Network(network) for network in data.get("allow", [])),
            orphan_stratum=data.get("orphan_stratum"),
            nts=NtsService(**{name: AbsolutePath(path) for name, path in nts.items()}) if nts else None,
        )

    def clients(self, data: dict[str, Any]) -> Clients:
        daemon = data.get("daemon", "auto")
        return Clients(
            daemon=None if daemon == "auto" else daemon,
            fallback=self.sources(data.get("fallback", []), "clients.fallback"),
            fallback_clocks=self.clocks(data.get("fallback", []), "clients.fallback"),
            use_dhcp_sources=data.get("dhcp_sources", "ignore") == "use",
            min_sources=data.get("min_sources", 1),
        )

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
        )
