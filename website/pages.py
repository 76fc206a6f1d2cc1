"""Hooks of MkDocs (mkdocs.yml): pages from outside of docs/, and Markdown as a forge reads it.

Links in the pages are relative to their files, so that they work in a checkout and on a forge. Here, a link to a file
that is a page of the site leads to that page, and a link to another file of the repository leads to the forge.
"""

import posixpath
import re
from collections.abc import Callable
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from timepolicy.rulebook import RULES
from timepolicy.rules.pages import page_of

ROOT = Path(__file__).parents[1]
FORGE = "https://github.com/timepolicy/timepolicy/blob/main/"

ADDED = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "bench/**/RESULTS.md",
    "examples/**/*.svg",
    "examples/**/README.md",
    "packer/README.md",
    "rules/*.md",
)
"""What the site has besides docs/, each file with its path in the repository."""


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the files from outside of docs/, and the style."""
    for pattern in ADDED:
        for path in sorted(ROOT.glob(pattern)):
            files.append(File.generated(config, path.relative_to(ROOT).as_posix(), abs_src_path=str(path)))
    for name in ("favicon.svg", "style.css"):
        files.append(File.generated(config, name, abs_src_path=str(ROOT / "website" / name)))
    return files


def on_page_markdown(markdown: str, *, page: Page, files: Files, **_: object) -> str:
    """Return the page as Python-Markdown reads it."""
    path = page.file.src_uri
    if path.startswith("rules/"):
        markdown = _rule_page(page)
    source = path if path in _added(files) else f"docs/{path}"
    return _outside_of_code(markdown, lambda text: re.sub(r"(\]\()([^)\s]+)", _link(source, files), text))


def _rule_page(page: Page) -> str:
    """Return the page of a rule, with its code, severity and message above it."""
    rule_page = page_of(RULES[Path(page.file.src_uri).stem])
    rule = rule_page.rule
    page.meta["title"] = f"{rule.code}: {rule_page.title}"
    return f"# {rule.code}: {rule_page.title}\n\n{rule.severity.capitalize()}: {rule.message}.\n\n{rule_page.body}"


def _added(files: Files) -> set[str]:
    return {file.src_uri for file in files if file.generated_by}


def _outside_of_code(markdown: str, change: Callable[[str], str]) -> str:
    """Change all but the blocks of code; their names, the second word on a fence, become titles."""
    parts = re.split(r"(^```.*?^```$)", markdown, flags=re.MULTILINE | re.DOTALL)
    parts[::2] = map(change, parts[::2])
    parts[1::2] = (re.sub(r"\A```(\w+) (\S+)$", r'```\1 title="\2"', part, flags=re.MULTILINE) for part in parts[1::2])
    return "".join(parts)


def _link(source: str, files: Files) -> Callable[[re.Match[str]], str]:
    """Return what replaces a link in the file `source` of the repository."""
    pages = {file.src_uri if file.generated_by else f"docs/{file.src_uri}": file.src_uri for file in files}
    own = pages.get(source, source)

    def replaced(match: re.Match[str]) -> str:
        target, mark, anchor = match[2].partition("#")
        if not target or "://" in target or target.startswith("mailto:"):
            return match[0]
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        if wanted not in pages and f"{wanted}/README.md" in pages:
            wanted += "/README.md"
        if wanted in pages:
            return match[1] + posixpath.relpath(pages[wanted], posixpath.dirname(own) or ".") + mark + anchor
        return match[1] + FORGE + wanted + mark + anchor

    return replaced
