"""The site that MkDocs makes of docs/: built without a warning, its links, its search and its look in Chromium."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.helpers.cases import ROOT
from tests.helpers.programs import need, need_module

FORGE = "https://github.com/timepolicy/timepolicy/blob/main/"
BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WIDTHS = {"phone": 390, "desktop": 1280}

QUERIES = {
    "EKS launch template": "terraform.html",
    "why kubelet waits": "troubleshooting.html",
    "TP121": "rules/TP121.html",
    "remove": "upgrade.html",
    "401 Unauthorized": "troubleshooting.html",
    "x509 certificate not yet valid": "troubleshooting.html",
    "kubespray": "migration.html",
    "debian-12": "distributions.html",
    "prometheus alerts": "alerts.html",
    "nodes.csv": "inventory.html",
    "stig rhel9": "compliance.html",
}
"""What a reader types, and the page that must be among the first three results."""


class Page(HTMLParser):
    """A built page: its anchors, its links, and what a browser loads for it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors, self.links, self.loaded = {""}, set[str](), set[str]()
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values["id"]} if "id" in values else set()
        self.links |= {values["href"]} if "href" in values and tag == "a" else set()
        self.loaded |= {values[name] for name in ("src", "href") if name in values and tag != "a"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for name in ("mkdocs", "material"):
        need_module(name)
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "true"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, re.findall(r"(?i)^.*\b(?:warning|error)\b.*$", done.stderr, flags=re.MULTILINE)) == (0, [])
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    """The pages by their paths; 404.html is for a server, and links from its root."""
    return {path: Page(path) for path in sorted(site.rglob("*.html")) if path.name != "404.html"}


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words: Any) -> None: ...


@pytest.fixture(scope="module")
def browser(site: Path) -> Iterator[Any]:
    assert site.is_dir()
    program = need("chromium")
    need_module("playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=BROWSER)
        yield chromium
        chromium.close()


def test_every_page_of_the_repository_is_there(site: Path, pages: dict[Path, Page]) -> None:
    sources = {path.stem for path in (ROOT / "docs").glob("*.md")} - {"README"}
    codes = {path.stem for path in (ROOT / "rules").glob("TP*.md")}
    others = {"CHANGELOG", "CONTRIBUTING", "SECURITY", "index", "packer/index", "examples/index", "bench/RESULTS"}
    built = {str(path.relative_to(site).with_suffix("")) for path in pages}
    assert (sources | others | {f"rules/{code}" for code in codes}) - built == set()
    assert len(codes) > 100


def test_every_link_leads_to_a_page_and_its_anchor(site: Path, pages: dict[Path, Page]) -> None:
    broken = []
    for path, page in pages.items():
        for link in page.links:
            target, _, anchor = unquote(link).partition("#")
            if "://" in link:
                continue
            found = (path.parent / target).resolve() if target else path
            found = found / "index.html" if found.is_dir() else found
            if not found.is_file() or (found in pages and anchor not in pages[found].anchors):
                broken.append((str(path.relative_to(site)), link))
    assert broken == []


def test_links_to_the_forge_lead_to_files(pages: dict[Path, Page]) -> None:
    links = {link.partition("#")[0] for page in pages.values() for link in page.links if link.startswith(FORGE)}
    assert len(links) > 10
    assert [link for link in links if not (ROOT / link.removeprefix(FORGE)).exists()] == []


def test_nothing_is_loaded_from_a_network(site: Path, pages: dict[Path, Page]) -> None:
    assert {path for page in pages.values() for path in page.loaded if "//" in path} == set()
    styles = "".join(path.read_text() for path in site.rglob("*.css"))
    assert re.findall(r"@import|url\(['\"]?(?:https?:)?//", styles) == []


def test_no_markdown_is_left_over(site: Path, pages: dict[Path, Page]) -> None:
    """What a forge reads as a list, a table or a block of code is one here too."""
    left = []
    for path in pages:
        text = re.sub(r"<pre.*?</pre>|<script.*?</script>", "", path.read_text(), flags=re.DOTALL)
        signs = re.findall(r"```|^(?:<p>|<li>)?[-*] \S.*$|^\|.*\|$|\]\(", text, flags=re.MULTILINE)
        left += [(str(path.relative_to(site)), sign) for sign in signs]
    assert left == []


def test_a_rule_has_its_code_severity_and_message(site: Path) -> None:
    text = (site / "rules/TP121.html").read_text()
    assert "<title>TP121: only one source - timepolicy</title>" in text
    assert "Note: <code>{host}</code> is the only source" in text


def test_a_block_of_code_has_the_name_of_its_file(site: Path) -> None:
    assert '<span class="filename">user-data.yaml</span>' in (site / "joining.html").read_text()


@pytest.mark.parametrize("query", QUERIES)
def test_the_search_finds(query: str, browser: Any, address: str) -> None:
    page = browser.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{address}/index.html")
    query_field = page.locator("[data-md-component=search-query]")
    query_field.click()
    query_field.press_sequentially(query)
    page.wait_for_selector(".md-search-result__item")
    page.wait_for_timeout(500)  # the list is made anew while one types
    links = page.eval_on_selector_all(
        ".md-search-result__item", "items => items.map(item => item.querySelector('a').getAttribute('href'))"
    )
    page.close()
    found = [link.partition("?")[0].partition("#")[0].removeprefix(f"{address}/") for link in links[:3]]
    assert QUERIES[query] in found
    assert [url for url in requests if not url.startswith((address, "data:", f"blob:{address}"))] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit_and_can_be_read(width: str, scheme: Any, browser: Any, address: str, site: Path) -> None:
    """No page is wider than the screen, and the text is not of the color behind it."""
    page = browser.new_page(viewport={"width": WIDTHS[width], "height": 900}, color_scheme=scheme)
    wide = []
    for path in sorted({path.name for path in site.glob("*.html")}):
        page.goto(f"{address}/{path}")
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(path)
    shown = page.evaluate("[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]")
    page.close()
    assert wide == []
    light = [sum(map(int, re.findall(r"\d+", color)[:3])) for color in shown]
    assert (light[0] > light[1]) == (scheme == "dark")
