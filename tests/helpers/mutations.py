"""Any number of wrong policies: those of the tests, with parts replaced, moved or broken.

The seed names a mutant: `mutant(seed)` returns the same bytes on every machine.
"""

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import yaml

from tests.helpers.cases import TREES
from tests.helpers.rule_cases import POLICIES
from timepolicy.document.parse import LOADER

TEXTS = [path.read_bytes().decode(errors="replace") for path in sorted([*POLICIES, *(TREES / "forms").glob("*.yaml")])]
RIGHT = [yaml.load(path.read_text(), LOADER) for path in POLICIES if path.name.startswith("right-")]

PIECES = [
    *"\t\n\r :-[]{},&*!|>'\"%@`#?~\0\x85\u2028\ufeff世\u202e\x1b",
    *("\n- ", ": ", "---\n", "...\n", "<<: ", "? ", "!!binary ", "&a ", "*a", "%YAML 1.1\n---\n", "|\n  ", ">-\n  "),
    *("null", "yes", "1:30", "010", "0x1F", "1e999", "9" * 400, "2026-01-01", ".inf", "-0", "=", "\\u0000", "\\xff"),
]
SCALARS: list[Any] = [
    *(None, True, False, 0, 1, -1, 16, 17, 65536, 10**14, 10**30, 0.5, -2.0, 1e300),
    *(
        "",
        " ",
        "\n",
        "\0",
        "a",
        "UTC",
        "utc",
        "yes",
        "1",
        "10m",
        "10 min",
        "1h30m",
        "-5s",
        "0s",
        "999999999h",
        "a" * 300,
    ),
    *("chrony", "crony", "kubelet", "kubelet.service", "a@.service", "debian-12", "rocky-*", "[", "[!]", "../../etc"),
    *("ntp.example.org", "10.2.12.999", "::", "::ffff:1.2.3.4", "fe80::1%eth0", "1.2.3", "TP083", "TP041", "$(id)"),
    *("64s", "6", "ipv6", "client", "pause", "/a/../b", "/var/lib", "世界", "\ud7ff", "\U0001f552", "step.when"),
]


def mutant(seed: int) -> bytes:
    """Return the mutant of this seed."""
    random = Random(seed)
    if random.random() < 0.5:
        return _mutated_bytes(_mutated_text(random.choice(TEXTS), random).encode(errors="replace"), random)
    data = copy.deepcopy(random.choice(RIGHT))
    for _ in range(random.randint(1, 4)):
        random.choice(CHANGES)(data, random)
    if random.random() < 0.5:
        return json.dumps(data, indent=random.choice([None, 1]), ensure_ascii=random.random() < 0.5).encode()
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=random.choice([20, 200])).encode()


def _mutated_bytes(data: bytes, random: Random) -> bytes:
    """In one of fifty, a byte that is invalid in UTF-8."""
    place = random.randint(0, len(data))
    return data[:place] + b"\xff" + data[place:] if random.random() < 1 / 50 else data


def _mutated_text(text: str, random: Random) -> str:
    for _ in range(random.randint(1, 4)):
        begin = random.randint(0, len(text))
        end = min(len(text), begin + random.choice([0, 0, 1, 3, 10, 40]))
        middle = random.choice([random.choice(PIECES), text[begin:end] * 2, "", text[begin:end].swapcase()])
        text = text[:begin] + middle + text[end:]
    return text


def _containers(data: Any) -> Iterator[dict[str, Any] | list[Any]]:
    if isinstance(data, dict | list):
        yield data
        for inner in data.values() if isinstance(data, dict) else data:
            yield from _containers(inner)


def _place(data: Any, random: Random) -> tuple[Any, Any]:
    """A mapping or list that is not empty, and one of its keys."""
    container = random.choice([part for part in _containers(data) if part] or [{"": None}])
    return container, random.choice(list(container) if isinstance(container, dict) else range(len(container)))


def _replace(data: Any, random: Random) -> None:
    container, key = _place(data, random)
    container[key] = copy.deepcopy(random.choice([*SCALARS, [], {}, [container[key]], {"server": container[key]}]))


def _move(data: Any, random: Random) -> None:
    """Copy a value to another place, under the same key."""
    (source, key), (target, other) = _place(data, random), _place(data, random)
    value = copy.deepcopy(source[key])
    target[key if isinstance(target, dict) and isinstance(key, str) else other] = value


def _remove(data: Any, random: Random) -> None:
    container, key = _place(data, random)
    del container[key]


def _rename(data: Any, random: Random) -> None:
    container, key = _place(data, random)
    if isinstance(container, dict):
        letters = list(str(key))
        letters.insert(random.randint(0, len(letters)), random.choice([*"abz_- ", "\n", "é", ""]))
        del letters[random.randrange(len(letters))]
        container["".join(letters)] = container.pop(key)


def _repeat(data: Any, random: Random) -> None:
    container, key = _place(data, random)
    if isinstance(container, list):
        container.extend(copy.deepcopy([container[key]] * random.choice([1, 1, 40])))


CHANGES: tuple[Callable[[Any, Random], None], ...] = (_replace, _replace, _move, _remove, _rename, _repeat)
