"""Execution: plans are run against subgraphs, and what they answer becomes the client's answer."""

from gateway.execution.answer_shape import agency_codes
from gateway.execution.compile import Program
from gateway.execution.connection import Answer, TransportLimits
from gateway.execution.context import Context, holds
from gateway.execution.desk import Desk
from gateway.execution.gathered import below
from gateway.execution.judge import Judge
from gateway.execution.outcome import Denied, Outcome, Unavailable
from gateway.execution.received import Received
from gateway.execution.reference import MEMORY, ReferenceCache, is_any_public
from gateway.execution.refusals import WITHHELD, Refusals
from gateway.execution.run import Run
from gateway.execution.shape import Shapes
from gateway.execution.target import Target, target
from gateway.execution.transport import SubgraphTransport

__all__ = [
    "MEMORY",
    "WITHHELD",
    "Answer",
    "Context",
    "Denied",
    "Desk",
    "Judge",
    "Outcome",
    "Program",
    "Received",
    "ReferenceCache",
    "Refusals",
    "Run",
    "Shapes",
    "SubgraphTransport",
    "Target",
    "TransportLimits",
    "Unavailable",
    "agency_codes",
    "below",
    "holds",
    "is_any_public",
    "target",
]
