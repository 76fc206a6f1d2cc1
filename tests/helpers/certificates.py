"""A certificate authority, and certificates of servers that are valid now or only years from now."""

import subprocess
from pathlib import Path

from tests.helpers.programs import need

CONFIGURATION = """
[ca]
default_ca = authority
[authority]
new_certs_dir = {folder}
database = {folder}/index
serial = {folder}/serial
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
default_md = sha256
policy = names
x509_extensions = server
[names]
commonName = supplied
[server]
basicConstraints = CA:FALSE
subjectAltName = {names}
"""
NOW = ("20200101000000Z", "20491231000000Z")
LATER = ("20480101000000Z", "20491231000000Z")
NEW_KEY = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def make_authority(folder: Path) -> None:
    """Create ca.pem and ca.key."""
    folder.mkdir()
    (folder / "index").touch()
    (folder / "serial").write_text("01\n")
    _openssl(*NEW_KEY, "-x509", "-days", "9000", "-subj", "/CN=test", *_into(folder, "ca.key", "ca.pem"))


def issue(folder: Path, name: str, address: str, dates: tuple[str, str] = NOW) -> None:
    """Create NAME.pem and NAME.key for an IP address; the dates are in ASN.1 notation."""
    configuration = folder / f"{name}.cnf"
    configuration.write_text(CONFIGURATION.format(folder=folder, names=f"IP:{address}"))
    _openssl(*NEW_KEY, "-subj", f"/CN={name}", *_into(folder, f"{name}.key", f"{name}.csr"))
    request, certificate = str(folder / f"{name}.csr"), str(folder / f"{name}.pem")
    arguments = ["ca", "-batch", "-notext", "-config", str(configuration), "-in", request, "-out", certificate]
    _openssl(*arguments, "-startdate", dates[0], "-enddate", dates[1])


def _into(folder: Path, key: str, output: str) -> list[str]:
    return ["-keyout", str(folder / key), "-out", str(folder / output)]


def _openssl(*arguments: str) -> None:
    subprocess.run([need("openssl"), *arguments], check=True, capture_output=True)
