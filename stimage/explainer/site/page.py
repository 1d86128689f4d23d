"""The page as one file of HTML: text, figures and questions as the app shows them."""

from __future__ import annotations

import json
import tomllib
from html import escape
from itertools import count

from stimage import paths
from stimage.explainer.chapters import (
    Chapter,
    Figure,
    Fold,
    FoldKind,
    Heading,
    Myth,
    Prose,
    Question,
    chapters,
)
from stimage.explainer.lessons import for_teachers
from stimage.explainer.manifest import figure_data, figures
from stimage.explainer.map import map_html
from stimage.explainer.site.experiments import question_of
from stimage.explainer.site.markup import html_of, line_of
from stimage.explainer.sources import fact_line
from stimage.i18n import LANGUAGE, text

OWN = paths.CHAPTERS / "site"
INDEX, TEACHERS = "index.html", "teachers.html"
FIGURES, LESSONS = "figures/", "lessons/"  # beside the pages
_numbers = count()


def whole_page() -> str:
    """Return the page with all chapters."""
    body = [
        f"<h1>{text('explainer.title')}</h1>",
        html_of(text("explainer.intro")),
        _contents(),
        *(_chapter(number, chapter) for number, chapter in enumerate(chapters(), start=1)),
    ]
    return document(text("explainer.title"), "\n".join(body))


def teachers_page() -> str:
    """Return the page for teachers."""
    text_of_page = for_teachers(chapters=INDEX, lessons=LESSONS)
    back = f'<nav><p><a href="{INDEX}">{text("explainer.title")}</a></p></nav>'
    return document(text("nav.for_teachers"), back + html_of(text_of_page))


def document(title: str, body: str) -> str:
    """Return a file of HTML with everything it needs but pictures inside."""
    figure_js = _asset("figure.js").replace("export default function", "function showFigure", 1)
    script = f"const CSS = {json.dumps(_asset('figure.css'))};\n{figure_js}\n{_own('site.js')}"
    style = f"{_colors()}\n{_own('site.css')}\n{_asset('explainer.css')}"
    skip = text("site.skip")
    return f"""<!doctype html>
<html lang="{LANGUAGE}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{style}</style>
</head>
<body>
<a class="skip" href="#start">{skip}</a>
<main id="start">
{body}
</main>
<footer>{html_of(text("site.license"))}</footer>
<script>{script}</script>
</body>
</html>
"""


def _contents() -> str:
    def link(chapter: Chapter) -> str:
        return f'<a href="#{chapter.anchor}">{escape(chapter.head.title)}</a>'

    short = " → ".join(link(c) for c in chapters() if c.head.short_path)
    every = "".join(f"<li>{link(c)}</li>" for c in chapters())
    return (
        f"<nav><p><strong>{text('explainer.short_path')}</strong> {short}</p>"
        f"<details><summary>{text('explainer.all_chapters')}</summary><ol>{every}</ol></details>"
        f'<p><a href="{TEACHERS}">{text("nav.for_teachers")}</a></p></nav>'
    )


def _chapter(number: int, chapter: Chapter) -> str:
    title = f"{number}. {escape(chapter.head.title)}"
    parts = [f'<section><h2 id="{chapter.anchor}">{title}</h2>']
    if chapter.head.here is not None:
        parts.append(map_html(chapter.head.here))
    for block in chapter.blocks:
        match block:
            case Prose(words):
                parts.append(html_of(words))
            case Heading(title, anchor):
                parts.append(f'<h3 id="{anchor}">{escape(title)}</h3>')
            case Figure(name):
                parts.append(_figure(name))
            case Question():
                parts.append(_question(block))
            case Fold(kind, words):
                parts.append(_fold(kind, words, chapter))
            case Myth():
                parts.append(_myth(block))
    for name in chapter.head.experiments:
        title = escape(text(f"experiments.{name}.title"))
        parts.append(f'<h3 id="experiment-{name}">{title}</h3>{_question(question_of(name))}')
    return "\n".join([*parts, "</section>"])


def _figure(name: str) -> str:
    """Return where the script puts a figure, with what it is made of."""
    figure = figures().get(name)
    if figure is None:
        return ""
    data = json.dumps(figure_data(name, figure, FIGURES), ensure_ascii=False)
    return f'<div class="holder"><script type="application/json">{_inside(data)}</script></div>'


def _inside(data: str) -> str:
    """Return JSON as it may stand inside of a script element."""
    return data.replace("<", "\\u003c")


def _question(question: Question) -> str:
    name = f"question-{next(_numbers)}"
    show_me = text("explainer.show_me")
    options = "".join(
        f'<label><input type="radio" name="{name}" value="{place}"> '
        f"<span>{line_of(option)}</span></label>"
        for place, option in enumerate([*question.options, show_me])
    )
    parts = [html_of(p.text) if isinstance(p, Prose) else _figure(p.name) for p in question.answer]
    verdict = ""
    if question.right is not None:
        right = f"**{text('explainer.right')}**"
        wrong = text("explainer.wrong", answer=question.options[question.right])
        verdict = f'<p class="right">{line_of(right)}</p><p class="wrong">{line_of(wrong)}</p>'
    place = "" if question.right is None else str(question.right)
    return (
        f'<div class="question" data-right="{place}" data-options="{len(question.options)}">'
        f"<fieldset><legend>{line_of(question.ask)}</legend>{options}</fieldset>"
        f'<div class="answer" aria-live="polite"><div hidden>{verdict}{"".join(parts)}</div></div>'
        "</div>"
    )


def _fold(kind: FoldKind, words: str, chapter: Chapter) -> str:
    facts = chapter.facts if kind == FoldKind.SOURCE else ()
    inside = html_of(words) + html_of("\n".join(fact_line(fact) for fact in facts))
    return f"<details><summary>{text(f'explainer.fold.{kind}')}</summary>{inside}</details>"


def _myth(myth: Myth) -> str:
    source = text("explainer.myth_source", source=myth.source) if myth.source else ""
    small = f"<small>{html_of(source)}</small>" if source else ""
    return f"<details><summary>{line_of(myth.claim)}</summary>{html_of(myth.text)}{small}</details>"


def _colors() -> str:
    """Return the app's colors as the variables that figures ask for."""
    theme = tomllib.loads((paths.ROOT / ".streamlit/config.toml").read_text("utf-8"))["theme"]
    light, dark = (_variables(theme[scheme]) for scheme in ("light", "dark"))
    return (
        f":root {{ {light} --st-font: system-ui, sans-serif; color-scheme: light dark; }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
    )


def _variables(colors: dict[str, object]) -> str:
    return " ".join(
        f"--st-{''.join(f'-{c.lower()}' if c.isupper() else c for c in name)}: {value};"
        for name, value in colors.items()
        if isinstance(value, str)
    )


def _asset(file: str) -> str:
    return (paths.ASSETS / file).read_text("utf-8")


def _own(file: str) -> str:
    return (OWN / file).read_text("utf-8")
