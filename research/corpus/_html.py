"""Take the article out of a saved web page. trafilatura lives behind this file alone."""

from __future__ import annotations

from pathlib import Path

from research._tables import UNKNOWN
from research.corpus._files import read_bytes
from research.corpus._metadata import as_text
from research.errors import CorpusError

__all__ = ["read_page"]


def read_page(path: Path) -> tuple[str, dict[str, str]]:
    """Give an HTML page's article as markdown, and what the page says of itself.

    Parameters
    ----------
    path : Path

    Returns
    -------
    text : str
        Headings are marked; what trafilatura takes for menus, comments and links is not there.
    metadata : dict of str to str
        outlet, date, title, url and author, as far as the page gives them.

    Raises
    ------
    CorpusError
        If trafilatura is not installed, the file cannot be read, or it holds no article.

    References
    ----------
    Barbaresi (2021), "Trafilatura: A web scraping library and command-line tool for text discovery and extraction",
    ACL-IJCNLP demonstrations.
    """
    try:
        import trafilatura
    except ImportError:
        raise CorpusError(
            f"{path}: HTML is read with trafilatura, which is not installed; `pip install 'newsframing[html]'`, or "
            "save the page as text"
        ) from None
    content = read_bytes(path)
    text = trafilatura.extract(
        content, output_format="markdown", include_formatting=True, include_comments=False, include_tables=False
    )
    if not text or not text.strip():
        raise CorpusError(f"{path}: no article was found in the page; save the article's own page, or save it as text")
    found = trafilatura.extract_metadata(content, date_config={"original_date": True, "extensive_search": False})
    if found is None:
        return text, {}
    told = {
        "outlet": found.sitename or found.hostname,
        "date": found.date,
        "title": found.title,
        "url": found.url,
        "author": found.author,
    }
    return text, {name: value for name, cell in told.items() if (value := as_text(cell)) != UNKNOWN}
