"""The rules that say what a line is, in the order in which they are asked.

Each rule looks at one undecided line and gives its evidence in words, or None. A rule runs over the whole document
before the next one starts, so it sees what all earlier rules decided about the neighbours. What no rule claims is a
paragraph: in doubt, text is kept. `RULES` is the whole order at one sight.
"""

from __future__ import annotations

from collections.abc import Callable

from research.corpus import _author_rules as author
from research.corpus import _line_rules as line
from research.corpus import _neighbor_rules as neighbors
from research.corpus._page import Page

__all__ = ["RULES", "Rule"]

Rule = Callable[[Page, int], str | None]

# The order: what shows itself, what is marked, what the corpus shows, what the neighbours show.
RULES: tuple[tuple[str, Rule], ...] = (
    ("title", line.known_title),
    ("title", line.title_within),
    ("boilerplate", line.no_letters),
    ("boilerplate", line.code_or_markup),
    ("boilerplate", line.address),
    ("boilerplate", line.weather),
    ("boilerplate", line.date_or_time),
    ("caption", line.caption),
    ("caption", line.credited_caption),
    ("caption", line.players_caption),
    ("caption", line.placed_in_picture),
    ("caption", line.dated_present),
    ("boilerplate", line.photo_credit),
    ("boilerplate", line.furniture_phrase),
    ("title", line.markdown_title),
    ("heading", line.markdown_heading),
    ("heading", line.numbered_heading),
    ("boilerplate", line.furniture_opening),
    ("boilerplate", line.furniture_wording),
    ("boilerplate", line.glued_link),
    ("boilerplate", line.recurs_across_documents),
    ("heading", line.bold_heading),
    ("boilerplate", author.byline),
    ("boilerplate", author.biography),
    ("boilerplate", author.opening_biography),
    ("boilerplate", author.reachable_at),
    ("boilerplate", neighbors.link_bullets),
    ("boilerplate", neighbors.lone_tag),
    ("caption", neighbors.printed_twice),
    ("title", neighbors.opening_title),
    ("boilerplate", neighbors.among_furniture),
    ("boilerplate", neighbors.short_items),
    ("boilerplate", neighbors.below_label),
    ("boilerplate", neighbors.after_the_end),
    ("heading", neighbors.short_heading),
    ("heading", neighbors.question_heading),
    ("heading", neighbors.lone_headline),
    ("caption", neighbors.unstopped_captions),
    ("boilerplate", neighbors.pull_quote),
)
