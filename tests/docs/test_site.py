"""The documentation builds without a warning, loads nothing from elsewhere, and its links lead somewhere."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.pages import REPOSITORY

DOCS = REPOSITORY / "docs"


class _Page(HTMLParser):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.anchors |= {value for name in ("id", "name") if (value := values.get(name))}
        if tag == "a" and (href := values.get("href")):
            self.links.append(href)
        elif tag in ("script", "img", "iframe") and (src := values.get("src")):
            self.loaded.append(src)
        elif tag == "link" and values.get("rel") == "stylesheet" and (href := values.get("href")):
            self.loaded.append(href)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, _Page]:
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-d", str(out / "trees")]
    done = subprocess.run([*command, str(DOCS), str(out / "html")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {path: _Page(path) for path in sorted((out / "html").rglob("*.html"))}


@pytest.mark.xdist_group("site")
def test_every_link_within_the_site_leads_somewhere(site: dict[Path, _Page]) -> None:
    assert any(page.name == "own_corpus.html" for page in site)
    broken = []
    for path, page in site.items():
        for link in [*page.links, *page.loaded]:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            to = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchors = site[to].anchors if to in site else set()
            if not to.exists() or (to in site and parts.fragment and unquote(parts.fragment) not in anchors):
                broken.append(f"{path.name}: {link}")
    assert not broken


@pytest.mark.xdist_group("site")
def test_nothing_is_loaded_from_elsewhere(site: dict[Path, _Page]) -> None:
    assert [src for page in site.values() for src in page.loaded if urlsplit(src).netloc] == []
