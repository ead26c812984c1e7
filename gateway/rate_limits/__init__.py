"""Limits per person: how many children and searches, counted in one place for all workers."""

from gateway.rate_limits.counter import Counter, LocalCounter, Take
from gateway.rate_limits.person_limits import PersonLimits, read_person_limits
from gateway.rate_limits.remote import RemoteCounter
from gateway.rate_limits.service import CounterService, counter_socket
from gateway.rate_limits.windows import SlidingWindows

__all__ = [
    "Counter",
    "CounterService",
    "LocalCounter",
    "PersonLimits",
    "RemoteCounter",
    "SlidingWindows",
    "Take",
    "counter_socket",
    "read_person_limits",
]
