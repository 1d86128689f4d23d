"""The queue: visitors take turns, nobody is left out, batches are whole."""

import itertools
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stimage.errors import QueueFull
from stimage.service.fair_queue import MAX_QUEUED, FairQueue


def drained(queue):
    return list(iter(queue.pop, None))


def test_all_first_pictures_come_before_all_second_ones():
    queue = FairQueue()
    queue.push(["ann 1", "ann 2", "ann 3"], "ann", "0")
    queue.push(["bob 1", "bob 2"], "bob", "1")
    queue.push(["cid 1"], "cid", "2")
    assert queue.order() == drained(queue) == ["ann 1", "bob 1", "cid 1", "ann 2", "bob 2", "ann 3"]
    assert queue.pop() is None


def test_who_was_away_gets_no_turns_for_it_and_who_cancels_loses_none():
    queue = FairQueue()
    queue.push(["ann 1"], "ann", "0")
    queue.push(["ann 2"], "ann", "1")
    assert [queue.pop(), queue.pop()] == ["ann 1", "ann 2"]
    queue.push(["ann 3"], "ann", "2")
    queue.push(["bob 1"], "bob", "3")
    assert queue.order() == ["bob 1", "ann 3"]
    queue.remove("ann 3")
    queue.remove("nothing")
    queue.push(["ann 4"], "ann", "4")
    queue.push(["bob 2"], "bob", "5")
    assert queue.order() == ["bob 1", "ann 4", "bob 2"]


def test_a_batch_that_does_not_fit_leaves_nothing_behind():
    queue = FairQueue()
    queue.push([str(i) for i in range(MAX_QUEUED - 1)], "ann", "0")
    with pytest.raises(QueueFull):
        queue.push(["a", "b"], "bob", "1")
    assert len(queue) == MAX_QUEUED - 1


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 4)), max_size=60))
def test_nothing_is_lost_doubled_or_late(actions):
    """0 takes a picture out; other numbers push a batch of that many."""
    queue, names = FairQueue(), itertools.count()
    pushed, popped, refused = [], [], []
    batches: Counter[str] = Counter()
    for batch, (visitor, size) in enumerate(actions):
        if size == 0:
            popped += [name for name in [queue.pop()] if name is not None]
            continue
        ids = [f"{visitor}{next(names)}" for _ in range(size)]
        own = {name[0] for name in queue.order()}
        try:
            queue.push(ids, visitor, str(batch))
        except QueueFull:
            refused.append(len(queue) + size > MAX_QUEUED or batches[visitor])
            continue
        pushed += ids
        batches[visitor] += 1
        if visitor not in own:  # a newcomer waits for at most one picture of each other visitor
            before = queue.order()[: queue.order().index(ids[0])]
            others = [name[0] for name in before]
            assert len(others) == len(set(others)) or popped
    popped += drained(queue)
    assert all(refused)  # there was no room, or this visitor had pictures queued
    assert sorted(popped) == sorted(pushed)
    for visitor in "abcd":  # each visitor's own pictures keep their order
        kept = [name for name in popped if name[0] == visitor]
        assert kept == [name for name in pushed if name[0] == visitor]
