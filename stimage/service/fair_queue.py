"""The order in which pictures are drawn: start-time fair queueing (Goyal et al. 1996), twice.

Addresses take turns, and within an address its visitors do: who opens forty tabs waits as one
person, and nobody else waits for forty. Pure: no thread, no clock. It is our own because a queue
library would bring threads and storage for these few lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass

from stimage.errors import QueueFull
from stimage.service.addresses import person

MAX_QUEUED = 40
MAX_RESERVED = 20  # more, for addresses that have nothing queued
MAX_BATCHES_PER_VISITOR = 2


@dataclass(frozen=True, slots=True)
class Queued:
    """One picture in the queue."""

    job_id: str
    visitor: str
    address: str
    batch: str
    cost: float


class Turns:
    """Who is next: everybody's turn is one after their last, but never one that has passed.

    So all first pictures come before all second ones, and who was away does not catch up.
    """

    def __init__(self) -> None:
        self._now = 0.0  # the turn that was taken last
        self._next: dict[str, float] = {}  # of those who are ahead of that turn

    def first(self, waiting: Iterable[str]) -> str:
        """Return whose turn it is; among equals, who is named first."""
        return min(waiting, key=self._turn_of)

    def take(self, who: str, cost: float = 1.0) -> None:
        """Note that somebody has had a picture; one who counts as `n` people pays `1 / n`."""
        self._now = self._turn_of(who)
        self._next[who] = self._now + cost
        self._next = {name: turn for name, turn in self._next.items() if turn > self._now}

    @property
    def ahead(self) -> set[str]:
        """Who has had a picture in this turn, and so comes after those who have not."""
        return set(self._next)

    def _turn_of(self, who: str) -> float:
        return max(self._now, self._next.get(who, 0.0))


class FairQueue:
    """Queued pictures of many visitors, who take turns."""

    def __init__(self, people_per_address: int = 1) -> None:
        """Open an empty queue.

        Args:
            people_per_address: as how many people the visitors of one address count at most.
        """
        self._people = people_per_address
        self._queued: list[Queued] = []  # as they came
        self._addresses = Turns()
        self._visitors: dict[str, Turns] = {}  # by address
        self._order: list[str] | None = None  # None: to be found anew

    def __len__(self) -> int:
        """Return how many pictures are queued."""
        return len(self._queued)

    def push(
        self,
        job_ids: Sequence[str],
        visitor: str,
        batch: str,
        address: str = "",
        cost: float = 1.0,
    ) -> None:
        """Add a batch, all of it or nothing.

        Args:
            job_ids: its pictures.
            visitor: who asks.
            batch: a name of the batch.
            address: where the visitor comes from, an IPv6 one counting by its /64; "" for a place
                of their own.
            cost: how many turns each picture takes.

        Raises:
            QueueFull: "queue_full", or "queue_full_of_yours" if this visitor has two batches here.
        """
        address = person(address) if address else visitor
        own = {entry.batch for entry in self._queued if entry.visitor == visitor}
        if len(own) >= MAX_BATCHES_PER_VISITOR:
            raise QueueFull("queue_full_of_yours", count=MAX_BATCHES_PER_VISITOR)
        neighbors = {entry.batch for entry in self._queued if entry.address == address}
        reserved = MAX_RESERVED if len(neighbors) < self._people else 0
        if len(self._queued) + len(job_ids) > MAX_QUEUED + reserved:
            raise QueueFull("queue_full")
        self.put_back(job_ids, visitor, batch, address, cost)

    def put_back(
        self,
        job_ids: Sequence[str],
        visitor: str,
        batch: str,
        address: str = "",
        cost: float = 1.0,
    ) -> None:
        """Add a batch as `push` does, however much is queued: it had its place already."""
        address = address or visitor
        self._queued += [Queued(job_id, visitor, address, batch, cost) for job_id in job_ids]
        self._order = None

    def pop(self) -> str | None:
        """Take the job id whose turn it is; None if nothing is queued."""
        if not self._queued:
            return None
        entry = self._take()
        self._order = self._order[1:] if self._order else None
        return entry.job_id

    def remove(self, job_id: str) -> None:
        """Take a job out, if it is queued; the visitor's later pictures move up one turn."""
        self._queued = [entry for entry in self._queued if entry.job_id != job_id]
        self._order = None

    def order(self) -> list[str]:
        """Return all queued job ids, the next one first."""
        if self._order is None:
            rest = deepcopy(self)
            self._order = [rest._take().job_id for _ in self._queued]
        return list(self._order)

    def _take(self) -> Queued:
        address = self._addresses.first(entry.address for entry in self._queued)
        here = [entry for entry in self._queued if entry.address == address]
        visitors = self._visitors.setdefault(address, Turns())
        visitor = visitors.first(entry.visitor for entry in here)
        people = min(self._people, len(visitors.ahead | {entry.visitor for entry in here}))
        entry = next(entry for entry in here if entry.visitor == visitor)
        self._addresses.take(address, entry.cost / people)
        visitors.take(visitor, entry.cost)
        self._queued.remove(entry)
        known = self._addresses.ahead | {entry.address for entry in self._queued}
        self._visitors = {name: self._visitors[name] for name in self._visitors if name in known}
        return entry
