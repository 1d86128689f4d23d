"""The chapters' Markdown as HTML; formulas become MathML, which browsers draw by themselves."""

from __future__ import annotations

import re

from latex2mathml.converter import convert
from markdown_it import MarkdownIt

WIDE = 'class="wide" tabindex="0"'  # what may be wider than a phone moves by key, too
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")  # our own texts alone
_FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", re.DOTALL)
_KEPT = "\N{OBJECT REPLACEMENT CHARACTER}"


def html_of(markdown: str) -> str:
    """Return Markdown as paragraphs, lists and tables of HTML."""
    formulas = [_mathml(*found.groups()) for found in _FORMULA.finditer(markdown)]
    html = str(_MARKDOWN.render(_FORMULA.sub(_KEPT, markdown)))
    for formula in formulas:
        html = html.replace(_KEPT, formula, 1)
    opened = html.replace("<table>", f"<div {WIDE}><table>")
    return opened.replace("</table>", "</table></div>")


def line_of(markdown: str) -> str:
    """Return one line of Markdown as HTML without a paragraph around it."""
    return str(_MARKDOWN.renderInline(markdown))


def _mathml(display: str | None, inline: str | None) -> str:
    latex = (display or inline or "").replace(r"\!", "").replace(r"\;", r"\ ")
    if display is None:
        return str(convert(latex))
    return f"<span {WIDE}>{convert(latex, display='block')}</span>"
