"""Execution: plans are run against subgraphs, and what they answer becomes the client's answer."""

from gateway.execution.compile import Program
from gateway.execution.context import Context
from gateway.execution.outcome import Outcome, Unavailable
from gateway.execution.run import run
from gateway.execution.shape import Shapes
from gateway.execution.transport import SubgraphTransport, Target, TransportLimits, target

__all__ = [
    "Context",
    "Outcome",
    "Program",
    "Shapes",
    "SubgraphTransport",
    "Target",
    "TransportLimits",
    "Unavailable",
    "run",
    "target",
]
