"""What a visitor without a browser does: submit, see how many come first, stop."""

from __future__ import annotations

import re

BEFORE = re.compile(r"(\d+) pictures? before yours")


def submit(visit, prompt="a fox in snow"):
    """Open the page and ask for a picture; gives what the page then says."""
    visit.run()
    return visit.run(prompt=prompt, submit=True)


def pictures_before(texts):
    """How many pictures come before this visitor's, as the page says it."""
    found = [BEFORE.match(line) for line in texts]
    return max((int(line[1]) for line in found if line), default=0)


def cancel_keys(visit):
    """The keys of the Cancel buttons that the page has shown."""
    return [key for key in visit.widgets if key.startswith("cancel_")]


def stop(visit):
    """Press every Cancel."""
    return visit.click(*cancel_keys(visit))
