"""How `timepolicy fleet` reaches a Prometheus: certificates, passwords and proxies, and how it answers a terminal."""

import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import ioctl
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.helpers.certificates import issue, make_authority
from tests.helpers.command_line import Done, timepolicy_process
from tests.helpers.fleet import Made, Server, scraped
from tests.helpers.programs import need

HASH_OF_TEST = "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay"
"""bcrypt of the password `test`, from Prometheus' guide to basic authentication."""


@contextmanager
def guarded(folder: Path) -> Iterator[str]:
    """A real Prometheus with a certificate of `folder`, which wants a client's certificate and a password: its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    scrape = {"job_name": "self", "scheme": "https", "scrape_interval": "1s"}
    (folder / "prometheus.yml").write_text(json.dumps({"scrape_configs": [scrape]}))
    tls = {"cert_file": "server.pem", "key_file": "server.key", "client_ca_file": "ca.pem"}
    web = {
        "tls_server_config": tls | {"client_auth_type": "RequireAndVerifyClientCert"},
        "basic_auth_users": {"me": HASH_OF_TEST},
    }
    (folder / "web.yml").write_text(json.dumps(web))
    options = ("--config.file=prometheus.yml", "--web.config.file=web.yml", "--storage.tsdb.path=tsdb")
    command = [need("prometheus"), *options, f"--web.listen-address={address}"]
    with (folder / "log").open("w") as log, subprocess.Popen(command, cwd=folder, stderr=log) as process:
        try:
            yield f"https://{address}"
        finally:
            process.kill()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates") / "authority"
    make_authority(folder)
    for name in ("server", "client"):
        issue(folder, name, "127.0.0.1")
    return folder


PASSWORD = "basic_auth: {username: me, password_file: password}\n"
CERTIFICATE = "cert_file: client.pem, key_file: client.key"

REFUSED = {
    PASSWORD: "its certificate is not trusted: ",
    f"{PASSWORD}tls_config: {{ca_file: ca.pem}}": "it refuses the client's certificate, or misses one",
    f"tls_config: {{ca_file: ca.pem, {CERTIFICATE}}}": "it requires authentication; put it into a file",
    f"{PASSWORD}tls_config: {{ca_file: missing.pem}}": "cannot read ",
    f"{PASSWORD}tls_config: {{ca_file: ca.pem, cert_file: client.pem, key_file: ca.key}}": "a certificate or key",
}


def test_a_client_certificate_an_authority_and_a_password_open_prometheus(certificates: Path) -> None:
    (certificates / "password").write_text("test\n")
    config = certificates / "http.yml"
    with guarded(certificates) as url:

        def fleet(text: str, address: str = url) -> Done:
            config.write_text(text)
            return timepolicy_process("fleet", "--prometheus", address, "--http-config", str(config))

        right = f"{PASSWORD}tls_config: {{ca_file: ca.pem, {CERTIFICATE}}}"
        deadline = time.monotonic() + 60
        while b"has no metric node_time_seconds" not in (done := fleet(right)).stderr and time.monotonic() < deadline:
            time.sleep(0.5)
        assert done.stderr.decode().startswith(f"timepolicy: {url} has no metric node_time_seconds: ")  # it answers
        for text, sentence in REFUSED.items():
            for _ in range(5):  # a server that resets the connection may cut off why
                if sentence in (done := fleet(text)).stderr.decode():
                    break
            assert (done.returncode, sentence in done.stderr.decode()) == (3, True), done.stderr
            assert done.stderr.count(b"\n") == 1
        done = fleet(right, url.replace("127.0.0.1", "localhost"))
        assert (done.returncode, b"its certificate is not trusted: Hostname mismatch" in done.stderr) == (3, True)
        done = fleet(right, url.replace("https:", "http:"))
        is_explained = b"status 400: it refused the query; its URL may begin with https://" in done.stderr
        assert (done.returncode, is_explained) == (3, True)


class Proxy(Server):
    """A proxy that demands a password, and has the nodes' offset itself; `asked` is what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        super().__init__(self._relay)

    def _relay(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append((request.command, request.path))
        is_right = request.headers.get("Proxy-Authorization") == "Basic bWU6cHc="  # me:pw
        body = json.dumps({"status": "success", "data": {"resultType": "vector", "result": []}}).encode()
        request.send_response(200 if is_right else 407)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


def test_the_environment_names_a_proxy() -> None:
    url = "http://prometheus.example:9090"
    with Proxy() as proxy:
        through = proxy.url.replace("//", "//me:pw@")
        done = timepolicy_process("fleet", "--prometheus", url, http_proxy=through)
        refused = timepolicy_process("fleet", "--prometheus", url, http_proxy=proxy.url)
    assert (done.returncode, b"has no metric node_time_seconds" in done.stderr) == (3, True)
    assert set(proxy.asked) == {("POST", f"{url}/api/v1/query")}
    assert (refused.returncode, b"status 407: the proxy requires authentication\n" in refused.stderr) == (3, True)


def test_a_proxy_that_refuses_to_connect_is_a_sentence() -> None:
    with Proxy() as proxy:
        done = timepolicy_process("fleet", "--prometheus", "https://prometheus.example", https_proxy=proxy.url)
    assert (done.returncode, b"failed: 407 Proxy Authentication Required\n" in done.stderr) == (3, True)
    assert [path for _, path in proxy.asked] == ["prometheus.example:443"]


def test_no_proxy_leads_around_it(tmp_path: Path) -> None:
    with Proxy() as proxy, scraped(need("prometheus"), tmp_path, {"n0": Made()}) as url:
        environment = {"http_proxy": proxy.url, "no_proxy": "127.0.0.1"}
        assert timepolicy_process("fleet", "--prometheus", url, **environment).returncode == 0
        config = tmp_path / "http.yml"
        config.write_text(f"proxy_url: {proxy.url}\n")
        arguments = ("fleet", "--prometheus", url, "--http-config", str(config))
        assert timepolicy_process(*arguments, http_proxy="http://127.0.0.1:1").returncode == 3
    assert len(proxy.asked) == 1


class Terminal:
    """`timepolicy fleet` on a terminal of `columns`."""

    def __init__(self, columns: int, *arguments: str, **environment: str) -> None:
        self.ours, theirs = pty.openpty()
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
        command = [sys.executable, "-m", "timepolicy", "fleet", *arguments]
        self.process = subprocess.Popen(
            command, stdout=theirs, stderr=theirs, env=kept | {"TERM": "xterm"} | environment, start_new_session=True
        )
        os.close(theirs)

    def until(self, condition: str, seconds: float = 60) -> str:
        """Return what it shows as soon as that matches, or it ends."""
        shown, deadline = b"", time.monotonic() + seconds
        while not re.search(condition, shown.decode(errors="replace"), re.DOTALL) and time.monotonic() < deadline:
            if select.select([self.ours], [], [], 1)[0]:
                try:
                    shown += os.read(self.ours, 65536)
                except OSError:  # the other end is closed
                    break
        return shown.decode().replace("\r\n", "\n")

    def end(self) -> int:
        """Interrupt it; its exit status."""
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(30)
        os.close(self.ours)
        return status


SUMMARY = r"\d+ nodes? at [^\n]*\n"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    nodes = {"a-node-with-a-rather-long-name": Made(), "n1": Made(), "n2": Made(offset=45), "n3": Made(offset=-125)}
    with scraped(need("prometheus"), tmp_path_factory.mktemp("prometheus"), nodes) as found:
        yield found


def shown(columns: int, url: str, **environment: str) -> str:
    terminal = Terminal(columns, "--prometheus", url, **environment)
    text = terminal.until("never")  # but its end
    assert terminal.process.wait(30) == 1
    os.close(terminal.ours)
    return text


@pytest.mark.parametrize("columns", [40, 80, 500])
def test_a_table_is_as_wide_as_the_terminal(columns: int, url: str) -> None:
    table, _, rest = shown(columns, url).partition("\n\n")
    lines = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in table.splitlines()]
    assert len(lines) == 5
    assert max(map(len, lines)) <= columns
    assert all(line.endswith("…") for line in lines) == (columns < 500)
    assert "1 critical, 1 warning, 0 unknown, 2 ok" in rest


def test_colours_are_for_terminals_that_want_them(url: str) -> None:
    assert [line[: line.find("l")] for line in shown(200, url).splitlines()[1:2]] == ["\x1b[31;1mcritica"]
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in shown(200, url, **environment)
    assert "\x1b[" in shown(200, url, NO_COLOR="")  # no-color.org: only where it is not empty
    assert b"\x1b" not in timepolicy_process("fleet", "--prometheus", url).stdout


def test_watch_shows_it_again_until_it_is_interrupted(tmp_path: Path) -> None:
    nodes = {f"n{number}": Made() for number in range(3)}
    with scraped(need("prometheus"), tmp_path, nodes) as url:
        terminal = Terminal(200, "--prometheus", url, "--watch")
        first = terminal.until(SUMMARY)
        nodes["n1"] = Made(offset=45)
        second = terminal.until("1 warning, 0 unknown, 2 ok")
        status = terminal.end()
    assert first.startswith("\x1b[H\x1b[J")
    assert "3 nodes at" in first
    assert "\x1b[H\x1b[J" in second
    assert "45." in second
    assert status == 130


def test_watch_goes_on_where_prometheus_fails() -> None:
    with Server(lambda request: request.send_error(503)) as server:
        terminal = Terminal(200, "--prometheus", server.url, "--watch")
        text = terminal.until("retrying.*retrying")
        status = terminal.end()
    assert text.count("status 503: it is overloaded, starting, or aborted the query; retrying\n") == 2
    assert (status, "Traceback" in text) == (130, False)
