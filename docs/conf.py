"""How the documentation site is built: `make docs` writes it into `site/`, and fetches nothing."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from numpydoc.xref import DEFAULT_LINKS

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

# The code beside these pages is documented, whichever copy of it is installed.
_HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE), str(_HERE.parent)]

import research  # noqa: E402 - found through the path above

project = "newsframing"
author = "the authors of newsframing"
version = release = research.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc", "_reference"]
exclude_patterns = ["notebooks", "examples"]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_typehints = "none"
autodoc_member_order = "groupwise"
autodoc_default_options = {
    "members": True,
    "imported-members": True,
    "exclude-members": ", ".join(
        f"set_{method}_request"
        for method in ("fit", "predict", "predict_proba", "decision_function", "score", "transform")
    ),
}
numpydoc_show_class_members = False
numpydoc_xref_param_type = True
# Only names of this package become links; what else stands in a type stays text.
numpydoc_xref_ignore = "all"
DEFAULT_LINKS.clear()  # to Python's and numpy's own documentation, which is not part of the site
_ROOMS = ("corpus", "embedding", "themes", "framing", "stance", "inference", "figures", "report", "study", "errors")
numpydoc_xref_aliases = {
    name: f"research.{room}.{name}"
    for room in _ROOMS
    for name in importlib.import_module(f"research.{room}").__all__
    if name[0].isupper() and not name.isupper()
}
default_role = "code"

nitpicky = True
# A variable of types has no page.
nitpick_ignore = [("py:obj", "research.study._config.Model")]

html_theme = "furo"
html_title = f"newsframing {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
html_math_renderer = "mathml"


def _inline(translator: HTML5Translator, node: nodes.Element) -> None:
    translator.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


def _display(translator: HTML5Translator, node: nodes.Element) -> None:
    translator.body.append(tex2mathml(node.astext(), as_block=True))
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Write formulas as MathML, which browsers draw: Sphinx's own ways fetch a script or need TeX."""
    app.add_html_math_renderer("mathml", inline_renderers=(_inline, None), block_renderers=(_display, None))
