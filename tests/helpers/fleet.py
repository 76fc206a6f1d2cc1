"""Made nodes, and a real Prometheus that scrapes them, on loopback."""

import json
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Self

OLD, NEW = "00000000000000aa", "00000000000000bb"


@dataclass(frozen=True)
class Made:
    """A node: `offset` of its clock in seconds, whether it answers, what its kernel and its timepolicy say."""

    offset: float | str = 0.0
    answers: bool = True
    sync: int = 1
    passes: int = 1
    digest: str = OLD
    age: float = 20
    name: str = "node"

    def metrics(self) -> str:
        if isinstance(self.offset, str):
            return f"node_time_seconds {self.offset}\n"
        now = time.time() + self.offset
        return (
            f"node_time_seconds {now:.6f}\nnode_timex_sync_status {self.sync}\n"
            f'node_uname_info{{nodename="{self.name}"}} 1\n'
            f'timepolicy_info{{daemon="chrony",policy="p",digest="{self.digest}",'
            f'release="debian-12",role="client"}} 1\n'
            f"timepolicy_pass {self.passes}\n"
            f'timepolicy_check_pass{{check="offset"}} {self.passes}\ntimepolicy_check_pass{{check="rtc"}} 1\n'
            f"timepolicy_verification_time_seconds {now - self.age:.6f}\n"
            f"timepolicy_offset_seconds 0.002\ntimepolicy_offset_error_seconds 0.01\n"
            f'timepolicy_sources{{state="answers"}} 3\n'
        )


class Server:
    """An HTTP server on loopback that answers with `answer(path, headers)`: status, headers, body."""

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler], None]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with suppress(ConnectionError):
                    answer(self)

            do_POST = do_CONNECT = do_GET  # noqa: N815  # http.server's name

            def log_message(self, *_arguments: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.http.server_port}"
        self.url = f"http://{self.address}"

    def __enter__(self) -> Self:
        Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.http.shutdown()
        self.http.server_close()


@contextmanager
def scraped(program: str, folder: Path, nodes: dict[str, Made], rules: Path | None = None) -> Iterator[str]:
    """A Prometheus that has scraped `nodes`, which may change, with `rules`: its URL."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        query = urllib.parse.parse_qs(urllib.parse.urlparse(request.path).query)
        node = replace(nodes[query["n"][0]], name=query["n"][0])
        request.send_response(200 if node.answers else 500)
        request.end_headers()
        request.wfile.write(node.metrics().encode())

    with Server(answer) as exporter:
        groups = [
            {
                "targets": [exporter.address],
                "labels": {"__param_n": name, "instance": f"{name}:9100", "cluster": "east"},
            }
            for name in nodes
        ]
        with prometheus(program, folder, [{"job_name": "node", "static_configs": groups}], rules) as url:
            yield url


@contextmanager
def prometheus(program: str, folder: Path, jobs: list[dict[str, Any]], rules: Path | None = None) -> Iterator[str]:
    """A Prometheus that has scraped each target of `jobs` once, and evaluates `rules` every second: its URL.

    `folder` has its configuration, to which `rules` may be relative, and its process identifier.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    times = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    config = {"global": times, "scrape_configs": jobs, "rule_files": [str(rules)] if rules else []}
    (folder / "prometheus.yml").write_text(json.dumps(config))
    options = (f"--web.listen-address={address}", f"--config.file={folder}/prometheus.yml")
    log = (folder / "log").open("w")
    process = subprocess.Popen([program, *options, f"--storage.tsdb.path={folder}/tsdb"], stderr=log)
    (folder / "pid").write_text(str(process.pid))
    try:
        _wait_for_scrapes(f"http://{address}", sum(len(job["static_configs"]) for job in jobs))
        yield f"http://{address}"
    finally:
        process.kill()
        process.wait()
        log.close()


def _wait_for_scrapes(url: str, nodes: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError, ValueError), urllib.request.urlopen(f"{url}/api/v1/query?query=count(up)") as answer:
            result = json.load(answer)["data"]["result"]
            if result and int(result[0]["value"][1]) == nodes:
                return
        time.sleep(0.3)
    raise TimeoutError("Prometheus has not scraped the nodes")
