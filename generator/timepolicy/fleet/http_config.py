"""Prometheus' `http_config`: how to authenticate, whom to trust, which proxy to use.

https://prometheus.io/docs/prometheus/latest/configuration/configuration/#http_config describes it. A key that this
module does not implement is an error: an ignored one could send a password where it does not belong.
"""

import base64
import ssl
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

KEYS = {
    "": {"authorization", "basic_auth", "bearer_token", "bearer_token_file", "proxy_url", "tls_config"},
    "authorization": {"type", "credentials", "credentials_file"},
    "basic_auth": {"username", "username_file", "password", "password_file"},
    "tls_config": {"ca_file", "cert_file", "key_file", "insecure_skip_verify"},
}


class HttpConfigError(Exception):
    """The file cannot be used; the message is a sentence for the user, without a secret."""


@dataclass(frozen=True, slots=True)
class HttpConfig:
    """What a request needs besides its URL. `authorization` is the value of the header; `proxy` is a URL or None."""

    authorization: str | None = None
    proxy: str | None = None
    tls: ssl.SSLContext | None = None

    def opener(self, *handlers: urllib.request.BaseHandler) -> urllib.request.OpenerDirector:
        """Return what opens URLs; without `proxy`, the environment names the proxies."""
        proxies = {"http": self.proxy, "https": self.proxy} if self.proxy else None
        return urllib.request.build_opener(
            urllib.request.ProxyHandler(proxies), urllib.request.HTTPSHandler(context=self.tls), *handlers
        )


def read_http_config(path: Path) -> HttpConfig:
    """Read a file in YAML; paths in it are relative to its folder, as in Prometheus. Raise HttpConfigError."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
        data = {} if data is None else data
        _check_keys(data, "")
        return HttpConfig(_authorization(data, path.parent), data.get("proxy_url"), _tls(data, path.parent))
    except yaml.YAMLError:
        raise HttpConfigError(f"{path} is not YAML") from None  # the parser's message would quote a secret
    except UnicodeDecodeError:
        raise HttpConfigError(f"{path} is not text in UTF-8") from None
    except ssl.SSLError as error:
        raise HttpConfigError(f"{path}: a certificate or key of tls_config is wrong: {error.reason}") from None
    except OSError as error:
        raise HttpConfigError(f"cannot read {error.filename or path}: {error.strerror}") from None
    except HttpConfigError as error:
        raise HttpConfigError(f"{path}: {error}") from None


def _check_keys(data: Any, name: str) -> None:
    if not isinstance(data, dict):
        raise HttpConfigError(f"{name or 'the file'} must be a mapping")
    for key, value in data.items():
        if key not in KEYS[name]:
            raise HttpConfigError(f"`{name}{'.' if name else ''}{key}` is unsupported; remove it")
        if key in KEYS:
            _check_keys(value, key)
        elif not isinstance(value, bool if key == "insecure_skip_verify" else str):
            raise HttpConfigError(f"`{key}` has a value of the wrong type")


def _authorization(data: dict[str, Any], folder: Path) -> str | None:
    basic, token = data.get("basic_auth"), dict(data.get("authorization", {}))
    for key, name in (("bearer_token", "credentials"), ("bearer_token_file", "credentials_file")):
        if key in data:
            token.setdefault(name, data[key])
    if basic and token:
        raise HttpConfigError("it has two kinds of authentication; keep one")
    value = None
    if basic:
        pair = f"{_secret(basic, 'username', folder)}:{_secret(basic, 'password', folder)}"
        value = f"Basic {base64.b64encode(pair.encode()).decode()}"
    elif token:
        value = f"{token.get('type', 'Bearer')} {_secret(token, 'credentials', folder)}"
    if value and not (value.isascii() and value.isprintable()):
        raise HttpConfigError("the credentials contain characters that a header cannot have")
    return value


def _secret(data: dict[str, str], name: str, folder: Path) -> str:
    file = data.get(f"{name}_file")
    return (folder / file).read_text("utf-8").strip() if file else data.get(name, "")


def _tls(data: dict[str, Any], folder: Path) -> ssl.SSLContext | None:
    if not (tls := data.get("tls_config")):
        return None
    context = ssl.create_default_context(cafile=str(folder / tls["ca_file"]) if "ca_file" in tls else None)
    if tls.get("insecure_skip_verify"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if "cert_file" in tls:
        key = str(folder / tls["key_file"]) if "key_file" in tls else None
        context.load_cert_chain(str(folder / tls["cert_file"]), key, password="")  # never ask for one
    return context
