"""The queue: visitors take turns, nobody is left out, batches are whole."""

import contextlib
import itertools
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from stimage.errors import QueueFull
from stimage.service.fair_queue import MAX_QUEUED, MAX_RESERVED, FairQueue

VISITORS = "abcd"


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
    queue.push([str(i) for i in range(MAX_QUEUED - 1)], "ann", "0", "192.0.2.1")
    with pytest.raises(QueueFull):
        queue.push(["a", "b"], "bob", "1", "192.0.2.1")
    assert len(queue) == MAX_QUEUED - 1


def test_who_cancels_a_first_picture_has_the_second_one_in_its_place():
    queue = FairQueue()
    queue.push(["ann 1", "ann 2", "ann 3"], "ann", "0")
    queue.push(["bob 1", "bob 2", "bob 3"], "bob", "1")
    queue.remove("bob 1")
    assert queue.order() == ["ann 1", "bob 2", "ann 2", "bob 3", "ann 3"]


def test_forty_visitors_of_one_address_wait_as_one():
    queue = FairQueue()
    for number in range(40):
        queue.push([f"tab {number}"], f"tab {number}", str(number), "192.0.2.1")
    assert queue.pop() == "tab 0"
    queue.push(["polite 1", "polite 2"], "polite", "p", "192.0.2.2")
    assert queue.order()[:4] == ["polite 1", "tab 1", "polite 2", "tab 2"]


def test_where_several_people_share_an_address_each_has_a_turn():
    """A class of thirty beside one other visitor: the setting says that they are thirty."""
    queue = FairQueue(people_per_address=30)
    for number in range(30):
        queue.push([f"pupil {number}"], f"pupil {number}", str(number), "192.0.2.1")
    queue.push(["other 1", "other 2"], "other", "o", "192.0.2.2")
    order = queue.order()
    assert order.index("other 1") <= 1
    assert order.index("other 2") > 25


def test_addresses_of_one_router_wait_as_one():
    queue = FairQueue()
    for number in range(9):
        queue.push([f"tab {number}"], f"tab {number}", str(number), f"2001:db8::{number}")
    queue.push(["polite"], "polite", "p", "2001:db8:0:1::1")
    assert queue.order().index("polite") == 1


def test_what_draws_several_pictures_takes_as_many_turns():
    queue = FairQueue()
    queue.push(["big", "next"], "ann", "0", "192.0.2.1", cost=3.0)
    queue.push(["1", "2", "3", "4"], "bob", "1", "192.0.2.2")
    assert queue.order() == drained(queue) == ["big", "1", "2", "3", "next", "4"]


def test_within_an_address_visitors_take_turns():
    queue = FairQueue()
    queue.push(["ann 1", "ann 2", "ann 3"], "ann", "0", "192.0.2.1")
    queue.push(["bob 1"], "bob", "1", "192.0.2.1")
    assert queue.order() == drained(queue) == ["ann 1", "bob 1", "ann 2", "ann 3"]


def test_places_stay_free_for_who_has_none_queued():
    queue = FairQueue()
    for number in range(MAX_QUEUED):
        queue.push([f"tab {number}"], f"tab {number}", str(number), "192.0.2.1")
    with pytest.raises(QueueFull) as full:
        queue.push(["one more"], "one more", "x", "192.0.2.1")
    assert full.value.code == "queue_full"
    for number in range(MAX_RESERVED):
        queue.push([f"guest {number}"], f"guest {number}", "g", f"198.51.100.{number}")
    with pytest.raises(QueueFull):
        queue.push(["too late"], "too late", "x", "203.0.113.1")


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 39), st.integers(1, 4)), min_size=1, max_size=40),
    st.integers(0, 30),
    st.integers(1, 40),
)
def test_a_first_picture_waits_for_at_most_one_more_however_many_tabs_there_are(
    tabs, drawn, people
):
    """And for the one that is being drawn: two in all."""
    queue = FairQueue(people)
    for number, (tab, size) in enumerate(tabs):
        ids = [f"{number} {place}" for place in range(size)]
        with contextlib.suppress(QueueFull):
            queue.push(ids, f"tab {tab}", str(number), "192.0.2.1")
    for _ in range(drawn):
        queue.pop()
    queue.push(["polite"], "polite", "p", "192.0.2.2")
    assert queue.order().index("polite") <= 1


class FairQueueMachine(RuleBasedStateMachine):
    """Pushes, pops and removes at random. A job id begins with its visitor."""

    def __init__(self) -> None:
        super().__init__()
        self.queue, self.numbers = FairQueue(), itertools.count()
        self.expected: list[str] = []  # of what is queued, as it came
        self.overtaken: dict[str, Counter[str]] = {visitor: Counter() for visitor in VISITORS}

    def own(self, visitor: str) -> list[str]:
        return [name for name in self.queue.order() if name[0] == visitor]

    @rule(visitor=st.sampled_from(VISITORS), size=st.integers(1, 6))
    def push(self, visitor, size):
        ids = [f"{visitor}{next(self.numbers)}" for _ in range(size)]
        own = self.own(visitor)
        too_many = len(self.queue) + size > MAX_QUEUED + (0 if own else MAX_RESERVED)
        try:
            self.queue.push(ids, visitor, ids[0])
        except QueueFull:
            assert own or too_many
            return
        self.expected += ids
        if not own:
            self.overtaken[visitor].clear()

    @rule()
    def pop(self):
        """Whoever has a picture queued sees at most two of each other visitor go before it."""
        name = self.queue.pop()
        assert (name is None) == (not self.expected)
        if name is None:
            return
        self.expected.remove(name)
        self.overtaken[name[0]].clear()
        for waiting in VISITORS.replace(name[0], ""):
            if self.own(waiting):
                self.overtaken[waiting][name[0]] += 1
                assert self.overtaken[waiting][name[0]] <= 2

    @rule(visitor=st.sampled_from(VISITORS), place=st.integers(0, 2))
    def remove(self, visitor, place):
        for name in self.own(visitor)[place : place + 1]:
            self.queue.remove(name)
            self.expected.remove(name)

    @invariant()
    def nothing_is_lost_or_doubled_and_everybodys_own_keep_their_order(self):
        assert len(self.queue) == len(self.expected)
        for visitor in VISITORS:
            assert self.own(visitor) == [name for name in self.expected if name[0] == visitor]


TestFairQueue = FairQueueMachine.TestCase
TestFairQueue.settings = settings(derandomize=True, deadline=None, max_examples=60)
