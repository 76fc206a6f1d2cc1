"""Queries to Prometheus, or to what speaks its language (Thanos, Mimir, VictoriaMetrics)."""

import http.client
import json
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple

from timepolicy.findings.printable import escaped
from timepolicy.fleet.http_config import HttpConfig

CHUNK = 1 << 16
LARGEST_ANSWER = 256 << 20
"""Bytes. The largest query returns about 6 MB for 20,000 nodes."""

CLIENT_REFUSED = (
    "SSLV3_ALERT_BAD_CERTIFICATE",
    "SSLV3_ALERT_HANDSHAKE_FAILURE",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED",
    "TLSV1_ALERT_UNKNOWN_CA",
)
"""OpenSSL's names of the alerts that a server sends for a client's certificate, or without one."""

TEXT = frozenset({str})
"""The only type of labels in an answer that is right."""

EXPLANATIONS = {
    400: "it refused the query; its URL may begin with https://",
    401: "it requires authentication; put it into a file for --http-config",
    403: "these credentials may not query it",
    404: "there is no Prometheus at this URL; it may need a path, such as /prometheus",
    407: "the proxy requires authentication",
    422: "it could not evaluate the query",
    502: "a proxy before it cannot reach it",
    503: "it is overloaded, starting, or aborted the query",
    504: "a proxy before it gave up waiting",
}


class PrometheusError(Exception):
    """Prometheus cannot be asked, or its answer is none; the message is a sentence for the user."""


class Sample(NamedTuple):
    """One element of an instant vector: labels, value, and when it was evaluated (Unix time)."""

    labels: dict[str, str]
    value: float
    time: float


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """urllib would send the credentials to wherever a redirect leads."""

    def redirect_request(self, *_arguments: Any, **_options: Any) -> None:
        return None


@dataclass(slots=True)
class Prometheus:
    """A server at `url`. A query takes at most `timeout` seconds. `warnings` is what answers said besides data."""

    url: str
    config: HttpConfig
    timeout: float
    warnings: list[str] = field(default_factory=list)

    def query(self, expression: str) -> list[Sample]:
        """Evaluate `expression` now; raise PrometheusError where that fails."""
        data = self._data(self._answer(expression))
        for warning in data.get("warnings") or []:
            if str(warning) not in self.warnings:
                self.warnings.append(str(warning))
        try:
            rows = data["data"]["result"]
            if data["data"]["resultType"] != "vector":
                raise ValueError
            return [Sample(_labels(row["metric"]), float(row["value"][1]), float(row["value"][0])) for row in rows]
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            raise self._error("its answer has not the form of a vector") from None

    def _error(self, reason: str) -> PrometheusError:
        return PrometheusError(f"cannot query {self.url}: {escaped(reason)}")

    def _answer(self, expression: str) -> bytes:
        """The body of the answer, whatever its status was if it is one of Prometheus' own errors."""
        form = urllib.parse.urlencode({"query": expression, "timeout": f"{self.timeout:g}s"}).encode()
        headers = {"Accept": "application/json", "User-Agent": "timepolicy"}
        if self.config.authorization:
            headers["Authorization"] = self.config.authorization
        request = urllib.request.Request(f"{self.url}/api/v1/query", form, headers)  # noqa: S310  # the command checks it
        deadline = time.monotonic() + self.timeout
        try:
            send = self.config.opener(_NoRedirect()).open
            with send(request, timeout=self.timeout) as response:
                return self._body(response, deadline)
        except urllib.error.HTTPError as error:
            with error:
                return self._refused(error, deadline)
        except urllib.error.URLError as error:
            raise self._error(_why(error.reason, self.timeout)) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._error(_why(error, self.timeout)) from None

    def _body(self, response: IO[bytes], deadline: float) -> bytes:
        """Read with one deadline for all: a server that sends a byte a second never times out by itself."""
        read = getattr(response, "read1", response.read)
        body = bytearray()
        while chunk := read(CHUNK):
            body += chunk
            if time.monotonic() > deadline:
                raise TimeoutError
            if len(body) > LARGEST_ANSWER:
                raise self._error(f"its answer is larger than {LARGEST_ANSWER >> 20} MiB; narrow it with --selector")
        if getattr(response, "length", 0):
            raise self._error("the answer ends early")
        return bytes(body)

    def _refused(self, error: urllib.error.HTTPError, deadline: float) -> bytes:
        """The body where it is an error message of Prometheus; raises where it is another program's."""
        if 300 <= error.code < 400:  # noqa: PLR2004  # redirects, RFC 9110
            target = error.headers.get("Location", "nowhere")
            raise self._error(f"it redirects to {target}; give the final URL, or log in by --http-config")
        try:
            body = self._body(error, deadline)
            if isinstance(json.loads(body).get("error"), str):
                return body
        except (OSError, http.client.HTTPException, ValueError, AttributeError, PrometheusError):
            pass
        reason = EXPLANATIONS.get(error.code, error.reason or "an error of the server")
        raise self._error(f"status {error.code}: {reason}")

    def _data(self, body: bytes) -> dict[str, Any]:
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            is_page = body.lstrip()[:1] == b"<"
            reason = "it answers with a web page; the URL is not Prometheus', or needs a login"
            raise self._error(reason if is_page else "its answer is not JSON, or is truncated") from None
        if not isinstance(data, dict):
            raise self._error("its answer is not that of Prometheus")
        if data.get("status") != "success":
            raise self._error(f"it reports: {data.get('error', 'no data')}")
        return data


def _labels(metric: dict[str, Any]) -> dict[str, str]:
    """The labels as text, whatever a broken server sends."""
    if TEXT.issuperset(map(type, metric.values())):
        return metric
    return dict(zip(metric, map(str, metric.values()), strict=True))


def _why(error: object, timeout: float) -> str:
    match error:
        case TimeoutError():
            return f"no whole answer within {timeout:g} s"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted: {error.verify_message}"
        case ssl.SSLError() if error.reason in CLIENT_REFUSED:
            return "it refuses the client's certificate, or misses one; see `tls_config` of --http-config"
        case ssl.SSLError():
            return f"TLS fails: {error.reason or error}"
        case http.client.IncompleteRead() | http.client.RemoteDisconnected():
            return "the connection was closed before the answer was whole"
        case http.client.BadStatusLine():
            return "the server does not speak HTTP"
        case OSError() if error.strerror:
            return str(error.strerror)
    return str(error) or type(error).__name__
