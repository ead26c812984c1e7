"""Execution: plans are run against subgraphs, and what they answer becomes the client's answer."""

from gateway.execution.context import Context
from gateway.execution.outcome import Outcome, Unavailable
from gateway.execution.run import project, run
from gateway.execution.shape import Shapes
from gateway.execution.transport import SubgraphTransport, Target, TransportLimits, target

__all__ = [
    "Context",
    "Outcome",
    "Shapes",
    "SubgraphTransport",
    "Target",
    "TransportLimits",
    "Unavailable",
    "project",
    "run",
    "target",
]
