"""What `timepolicy fleet` says of a server that is no Prometheus, or a broken one: a sentence, and exit status 3."""

import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.helpers.command_line import timepolicy
from tests.helpers.fleet import Server

Answer = Callable[[BaseHTTPRequestHandler], None]


def sends(status: int, body: bytes, length: int | None = None, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def hangs(request: BaseHTTPRequestHandler) -> None:
    del request
    time.sleep(3)


def drips(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    for _ in range(30):
        request.wfile.write(b" ")
        time.sleep(0.1)


ERROR = json.dumps({"status": "error", "error": "query timed out \x1b[31m"}).encode()
MATRIX = json.dumps({"status": "success", "data": {"resultType": "matrix", "result": []}}).encode()

ROW = {"metric": {"instance": 1}, "value": ["now", "1"]}
NO_TIME = json.dumps({"status": "success", "data": {"resultType": "vector", "result": [ROW]}}).encode()

FAULTS = {
    "401": (sends(401, b""), "it requires authentication; put it into a file for --http-config"),
    "403": (sends(403, b""), "these credentials may not query it"),
    "404": (sends(404, b"404 page not found"), "there is no Prometheus at this URL; it may need a path"),
    "500": (sends(500, b"oops"), "status 500: "),
    "503 of Prometheus": (sends(503, ERROR), "it reports: query timed out \\x1b[31m"),
    "redirect": (sends(302, b"", Location="http://127.0.0.1/login"), "it redirects to http://127.0.0.1/login"),
    "html": (sends(200, b"<html>Log in"), "it answers with a web page"),
    "truncated JSON": (sends(200, b'{"status":"succ'), "its answer is not JSON, or is truncated"),
    "cut connection": (sends(200, b'{"status"', length=5000), "the answer ends early"),
    "deep JSON": (sends(200, b"[" * 100_000), "its answer is not JSON"),
    "other JSON": (sends(200, b"[]"), "its answer is not that of Prometheus"),
    "matrix": (sends(200, MATRIX), "its answer has not the form of a vector"),
    "no time": (sends(200, NO_TIME), "its answer has not the form of a vector"),
    "hangs": (hangs, "no whole answer within 1 s"),
    "drips": (drips, "no whole answer within 1 s"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_server_is_a_sentence(fault: str) -> None:
    answer, sentence = FAULTS[fault]
    with Server(answer) as server:
        done = timepolicy("fleet", "--prometheus", server.url, "--timeout", "1s")
    assert (done.returncode, done.stdout) == (3, b"")
    message = done.stderr.decode()
    assert message.startswith(f"timepolicy: cannot query {server.url}: ")
    assert sentence in message
    assert message.count("\n") == 1


def test_no_server_is_a_sentence() -> None:
    with Server(hangs) as server:
        url = server.url
    done = timepolicy("fleet", "--prometheus", url)
    assert (done.returncode, done.stderr.decode()) == (3, f"timepolicy: cannot query {url}: Connection refused\n")


def vectors(request: BaseHTTPRequestHandler) -> None:
    """One node whose names attack a terminal and a page; each answer is partial."""
    body = request.rfile.read(int(request.headers["Content-Length"])).decode()
    metric = {"instance": "</script><script>alert(1)</script>", "job": "\x1b[2J", "nodename": "=1+1"}
    value = "0.1" if "duration" not in body else "0.01"
    rows = [] if "up+" in body or "up%7B" in body or "%3D%3D+0" in body else [{"metric": metric, "value": [1.0, value]}]
    answer = {"status": "success", "warnings": ["a store is away"], "data": {"resultType": "vector", "result": rows}}
    sends(200, json.dumps(answer).encode())(request)


def test_names_from_the_network_attack_neither_terminal_nor_page_nor_spreadsheet(tmp_path: Path) -> None:
    with Server(vectors) as server:
        text = timepolicy("fleet", "--prometheus", server.url).stdout
        table = timepolicy("fleet", "--prometheus", server.url, "--format", "csv").stdout
        page = tmp_path / "page.html"
        done = timepolicy("fleet", "--prometheus", server.url, "--html", str(page))
    assert b"partial answer: a store is away" in text
    assert b"\x1b" not in text + table
    assert b"'=1+1" in table
    assert done.stdout == b""
    assert page.read_text().count("</script>") == 2
    assert "\\u003c/script\\u003e" in page.read_text()


def test_the_http_config_authenticates(tmp_path: Path) -> None:
    seen: list[str | None] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        seen.append(request.headers.get("Authorization"))
        sends(401, b"")(request)

    (tmp_path / "token").write_text("abc\n")
    configs = ("authorization: {credentials_file: token}", "basic_auth: {username: me, password: pw}")
    with Server(answer) as server:
        for text in configs:
            (tmp_path / "http.yml").write_text(text)
            timepolicy("fleet", "--prometheus", server.url, "--http-config", str(tmp_path / "http.yml"))
    assert seen == ["Bearer abc", "Basic bWU6cHc="]


WRONG_CONFIGS = {
    "oauth2: {}": "`oauth2` is unsupported; remove it",
    "basic_auth: {user: x}": "`basic_auth.user` is unsupported; remove it",
    "tls_config: {insecure_skip_verify: 'no'}": "`insecure_skip_verify` has a value of the wrong type",
    "bearer_token: a\nbasic_auth: {username: b}": "it has two kinds of authentication; keep one",
    "authorization: {credentials: 'a\nb'}": "the credentials contain characters",
    "bearer_token_file: missing": "cannot read",
    "[1]": "the file must be a mapping",
    "a: [": "is not YAML",
}


def test_standard_input_is_no_http_config() -> None:
    done = timepolicy("fleet", "--prometheus", "http://127.0.0.1:1", "--http-config", "-")
    assert (done.returncode, done.stderr) == (3, b"timepolicy: cannot read -: No such file or directory\n")


@pytest.mark.parametrize("text", WRONG_CONFIGS)
def test_a_wrong_http_config_is_a_sentence(text: str, tmp_path: Path) -> None:
    text_of_file = text.replace("'a\nb'", '"a\\nb"')
    (tmp_path / "http.yml").write_text(text_of_file)
    done = timepolicy("fleet", "--prometheus", "http://127.0.0.1:1", "--http-config", str(tmp_path / "http.yml"))
    assert (done.returncode, WRONG_CONFIGS[text] in done.stderr.decode()) == (3, True)


WRONG_USAGES = (
    ["--prometheus", "ftp://x"],
    ["--prometheus", "http://me:secret@host"],
    ["--prometheus", "http://h", "--wait", "10m"],
    ["--prometheus", "http://h", "--digest", "xyz"],
    ["--prometheus", "http://h", "--digest", ""],
    ["--prometheus", "http://h", "--timeout", "0"],
    ["--prometheus", "http://h", "--cluster-label", "a b"],
    ["--prometheus", "http://h", "--watch", "--html", "x"],
)


@pytest.mark.parametrize("arguments", WRONG_USAGES)
def test_a_wrong_command_line(arguments: list[str]) -> None:
    assert timepolicy("fleet", *arguments).returncode == 2
