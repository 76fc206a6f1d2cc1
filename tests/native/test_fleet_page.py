"""The page of `timepolicy fleet` in headless Chromium: it shows the data, sorts, filters, and stays fast."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.programs import need, need_module
from timepolicy.fleet.measure import Cluster, Fleet
from timepolicy.fleet.node import Limits, NodeClock, NodeKey, judge
from timepolicy.fleet.page import html_page

OFFSETS = {3: 45.0, 5: -125.0, 8: 2.5}
ATTACK = "</script><script>document.title='attacked'</script><img src=x onerror=\"document.title='attacked'\">"

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def fleet(size: int) -> Fleet:
    """`size` nodes: two wrong by their offset, one unsynchronised, one silent, one with a hostile name."""
    nodes = []
    for number in range(size):
        key = NodeKey("east", "node", f"10.0.{number // 250}.{number % 250}:9100")
        node = NodeClock(key, f"worker-{number:05}", offset=OFFSETS.get(number, (number * 37 % 100 - 50) / 2000))
        node.delay, node.is_synchronised, node.passes = 0.02 + (number == 8) * 2.5, number != 6, True
        node.daemon, node.digest, node.policy, node.report_age = "chrony", "0123456789abcdef", "timepolicy.yaml", 20
        node.release, node.role, node.source, node.stratum = "debian-12", "client", "ntp1.example.org", 3
        node.own_offset, node.own_error, node.sources = 0.0021, 0.0104, {"answers": 3}
        if number == 7:
            node = NodeClock(key, ATTACK, is_silent=True)
        judge(node, Limits())
        nodes.append(node)
    nodes.sort(key=lambda node: (-node.verdict, -node.distance, node.name))
    return Fleet(1793000000, size, [Cluster("east", size, 0.0, 170)], nodes, Limits())


@pytest.fixture
def browser() -> Iterator[Any]:
    program = need("chromium")
    need_module("playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        yield chromium
        chromium.close()


def written(folder: Path, size: int) -> str:
    path = folder / "fleet.html"
    path.write_text(html_page(fleet(size)))
    return path.as_uri()


def test_the_page_shows_sorts_filters_and_explains(browser: Any, tmp_path: Path) -> None:
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: problems.append(request.url) if request.url.startswith("http") else None)
    page.goto(written(tmp_path, 30))
    assert page.locator(".count b").all_inner_texts() == ["30", "1", "2", "1", "26"]
    assert page.locator(".notice").all_inner_texts() == ["warning: cluster east: the clocks are 170.0 s apart"]
    names = page.locator("#body tr td:nth-child(3)")
    assert names.all_inner_texts()[:3] == ["worker-00005", "worker-00003", "worker-00006"]
    assert page.locator("#body tr td:nth-child(7)").first.inner_text() == "−125.020 … −125.000 s"
    page.get_by_role("button", name="Node", exact=True).click()
    assert names.all_inner_texts()[1:4] == ["worker-00000", "worker-00001", "worker-00002"]
    page.get_by_role("button", name="Node", exact=True).click()
    assert names.all_inner_texts()[0] == "worker-00029"
    page.locator(".count.warning").click()
    assert sorted(names.all_inner_texts()) == ["worker-00003", "worker-00006"]
    page.keyboard.press("/")
    page.keyboard.type("ahead")
    assert names.all_inner_texts() == ["worker-00003"]
    page.locator("#body tr").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#detail-name").inner_text() == "worker-00003"
    assert page.locator("#detail-problems li").all_inner_texts() == ["45.0 s ahead of the median"]
    assert "+0.002 s ± 0.010 s" in page.locator("#detail-facts").inner_text()
    page.keyboard.press("Escape")
    assert not page.locator("#detail").is_visible()
    assert (page.title(), problems) == ("Clocks of the fleet", [])


def test_twenty_thousand_nodes_load_in_three_seconds(browser: Any, tmp_path: Path) -> None:
    page = browser.new_page()
    address = written(tmp_path, 20_000)
    begun = time.monotonic()
    page.goto(address)
    page.locator("#body tr[data-index]").first.wait_for()
    assert time.monotonic() - begun < 3
    assert page.locator("#body tr[data-index]").count() < 60
    page.locator("#scroll").evaluate("element => { element.scrollTop = element.scrollHeight }")
    page.locator('#body tr[data-index="19999"]').wait_for()


COLOURS = ("--text", "--dim", "--ok", "--unknown", "--warning", "--critical", "--accent")
CONTRAST = """([name, ground]) => {
  const probe = document.createElement("i"); document.body.append(probe);
  const light = variable => { probe.style.color = `var(${variable})`;
    const [r, g, b] = getComputedStyle(probe).color.match(/\\d+/g).map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
    return .2126 * r + .7152 * g + .0722 * b; };
  const [a, b] = [light(name), light(ground)].sort((x, y) => y - x);
  return (a + .05) / (b + .05); }"""  # noqa: E501  # WCAG 2.1's relative luminance


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_has_the_contrast_of_wcag(browser: Any, tmp_path: Path, theme: str) -> None:
    page = browser.new_page(color_scheme=theme)
    page.goto(written(tmp_path, 10))
    pairs = [(name, ground) for name in COLOURS for ground in ("--card", "--ground", "--hover")]
    assert [pair for pair in pairs if page.evaluate(CONTRAST, list(pair)) < 4.5] == []


@pytest.mark.parametrize("width", [390, 820, 1400])
def test_the_page_fits_every_width(browser: Any, tmp_path: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(written(tmp_path, 30))
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_paper_has_every_row_and_the_colors_of_the_light_theme(browser: Any, tmp_path: Path) -> None:
    """Also where the screen is dark. The page of the test is as wide as A4 within its margins, in CSS's pixels."""
    page = browser.new_page(color_scheme="dark", viewport={"width": 1031, "height": 700})
    page.goto(written(tmp_path, 300))
    page.evaluate(
        """() => addEventListener("beforeprint", () => { window.printed = {
          rows: document.querySelectorAll("#body tr[data-index]").length,
          text: getComputedStyle(document.documentElement).getPropertyValue("--text").trim(),
          picture: document.getElementById("axis").toDataURL() }; })"""
    )
    before = page.evaluate("document.getElementById('axis').toDataURL()")
    pdf = page.pdf(prefer_css_page_size=True)
    printed = page.evaluate("printed")
    assert (printed["rows"], printed["text"], printed["picture"] != before) == (300, "#1b2430", True)
    assert page.locator("#body tr[data-index]").count() < 60
    assert page.evaluate("document.getElementById('axis').toDataURL()") == before
    assert len(re.findall(rb"/Type /Page\b", pdf)) > 3
    boxes = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf))
    assert all(float(width) > float(height) for width, height in boxes)
    assert boxes
    page.emulate_media(media="print", color_scheme="dark")
    pairs = [(name, ground) for name in COLOURS for ground in ("--card", "--hover")]
    assert [pair for pair in pairs if page.evaluate(CONTRAST, list(pair)) < 4.5] == []
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.documentElement.scrollWidth") <= 1031
    cut = "[...document.querySelectorAll('#body td')].filter(td => td.scrollWidth > td.clientWidth + 1).length"
    assert page.evaluate(cut) == 0
    assert not page.locator("#search").is_visible()


SPOKEN = """
- main:
  - heading "Clocks of the fleet" [level=1]
  - paragraph: /Measured 2026-10-26 07:33:20Z, here .* by the clock of Prometheus\\./
  - group "Show nodes by verdict":
    - button "3 nodes" [pressed]
    - button "0 critical"
    - button "0 warning"
    - button "0 unknown"
    - button "3 ok"
  - paragraph: "warning: cluster east: the clocks are 170.0 s apart"
  - region "Offset from the median of the cluster":
    - heading "Offset from the median of the cluster" [level=2]
    - paragraph: /3 nodes as points/
    - img "Offset from the median of the cluster"
  - region "Nodes":
    - heading "Nodes" [level=2]
    - searchbox "Search nodes"
    - status: 3 of 3 shown
    - region "Nodes":
      - table /Nodes and their clocks\\. .* Enter on a row shows what is known of its node\\./:
        - caption: /Nodes and their clocks/
        - rowgroup:
          - row:
            - columnheader "Verdict":
              - button "Verdict"
            - columnheader "Cluster":
              - button "Cluster"
        - rowgroup:
          - row /ok east worker-\\d+ 10\\.0\\.0\\.\\d:9100 synchronised sync .*/:
            - cell "ok"
            - cell "east"
"""


def test_a_screen_reader_hears_names_roles_and_states(browser: Any, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    page = browser.new_page()
    page.goto(written(tmp_path, 3))
    expect(page.locator("body")).to_match_aria_snapshot(SPOKEN)
    page.get_by_role("button", name="Node", exact=True).click()
    assert page.locator("th[aria-sort]").evaluate_all("all => all.map(th => th.textContent + th.ariaSort)") == [
        "Nodeascending"
    ]
    assert page.get_by_role("table").get_attribute("aria-rowcount") == "4"
    page.locator("#body tr").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="worker-00000")).to_match_aria_snapshot(
        """
        - dialog "worker-00000":
          - heading "worker-00000" [level=2]
          - button "Close"
          - term: Verdict
          - definition: ok
        """
    )
    assert page.evaluate("document.activeElement.id") == "close"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.index") == "0"
    page.get_by_role("button", name="0 warning").click()
    assert page.get_by_role("status").inner_text() == "0 of 3 shown"
