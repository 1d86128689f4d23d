"""The chapters as HTML: formulas, foreign words, tables, and data that can't end its script."""

from stimage import paths
from stimage.explainer.chapters import chapters
from stimage.explainer.site.markup import html_of, line_of
from stimage.explainer.site.page import whole_page


def test_formulas_become_mathml_and_text_stays():
    html = html_of("Here $x_0$ is it:\n\n$$L = \\lVert\\varepsilon\\rVert^2$$\n\nand **so** on.")
    assert html.count("<math") == 2
    assert 'display="block"' in html
    assert "<strong>so</strong>" in html
    assert "$" not in html


def test_a_table_can_be_moved_by_itself_on_a_narrow_screen():
    html = html_of("| a | b |\n|---|---|\n| c | d |")
    assert html.startswith('<div class="wide" tabindex="0"><table>')


def test_a_line_has_no_paragraph_around_it():
    assert line_of("a *b*") == "a <em>b</em>"


def test_the_page_has_every_chapter_and_asks_no_other_host_for_anything():
    html = whole_page()
    assert html.count("<section>") == 23
    assert 'src="http' not in html
    assert "<link" not in html
    assert "app/static" not in html


def test_the_experiments_show_what_was_drawn_before():
    html = whole_page()
    names = [name for chapter in chapters() for name in chapter.head.experiments]
    assert len(names) == 6
    for name in names:
        assert f'<h3 id="experiment-{name}">' in html
        assert f'src="experiments/{name}.webp"' in html
        assert (paths.EXPERIMENTS / f"{name}.webp").is_file()
