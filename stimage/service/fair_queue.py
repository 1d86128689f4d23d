"""The order in which pictures are drawn: start-time fair queueing (Goyal et al. 1996).

Pure: no thread, no clock. Every picture gets a turn: one more than its visitor's last turn, but
never a turn that has passed. So all first pictures come before all second ones, a visitor who was
away does not catch up on turns, and one who cancels loses none. It is our own because a queue
library would bring threads and storage for these forty lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stimage.errors import QueueFull

MAX_QUEUED = 20
MAX_BATCHES_PER_VISITOR = 2


@dataclass(frozen=True, slots=True)
class Queued:
    """One picture in the queue."""

    job_id: str
    visitor: str
    batch: str
    turn: int


class FairQueue:
    """Queued pictures of many visitors, who take turns."""

    def __init__(self) -> None:
        self._queued: list[Queued] = []  # by turn; within a turn as they came
        self._turn = 0  # of the picture that was taken last
        self._next_turns: dict[str, int] = {}  # of visitors who are ahead of that turn

    def __len__(self) -> int:
        """Return how many pictures are queued."""
        return len(self._queued)

    def push(self, job_ids: Sequence[str], visitor: str, batch: str) -> None:
        """Add a batch, all of it or nothing.

        Raises:
            QueueFull: "queue_full", or "queue_full_of_yours" if this visitor has two batches here.
        """
        own = {entry.batch for entry in self._queued if entry.visitor == visitor}
        if len(own) >= MAX_BATCHES_PER_VISITOR:
            raise QueueFull("queue_full_of_yours", count=MAX_BATCHES_PER_VISITOR)
        if len(self._queued) + len(job_ids) > MAX_QUEUED:
            raise QueueFull("queue_full")
        for turn, job_id in enumerate(job_ids, start=self._next_turn(visitor)):
            self._queued.append(Queued(job_id, visitor, batch, turn))
        self._queued.sort(key=lambda entry: entry.turn)

    def pop(self) -> str | None:
        """Take the job id whose turn it is; None if nothing is queued."""
        if not self._queued:
            return None
        entry = self._queued.pop(0)
        self._turn = entry.turn
        self._next_turns[entry.visitor] = entry.turn + 1
        self._next_turns = {v: turn for v, turn in self._next_turns.items() if turn > self._turn}
        return entry.job_id

    def remove(self, job_id: str) -> None:
        """Take a job out, if it is queued; the visitor's later pictures move up one turn."""
        gone = next((entry for entry in self._queued if entry.job_id == job_id), None)
        if gone is None:
            return
        self._queued.remove(gone)
        for place, entry in enumerate(self._queued):
            if entry.visitor == gone.visitor and entry.turn > gone.turn:
                self._queued[place] = replace(entry, turn=entry.turn - 1)
        self._queued.sort(key=lambda entry: entry.turn)

    def order(self) -> list[str]:
        """Return all queued job ids, the next one first."""
        return [entry.job_id for entry in self._queued]

    def _next_turn(self, visitor: str) -> int:
        own = [entry.turn + 1 for entry in self._queued if entry.visitor == visitor]
        return max([self._turn, self._next_turns.get(visitor, 0), *own])
