"""The edge: HTTP in, HTTP out."""

from gateway.edge.acts import Acts
from gateway.edge.endpoint import GraphQLEndpoint, fault_of
from gateway.edge.overrides import override_labels
from gateway.edge.persisted import PersistedDocuments, read_trusted
from gateway.edge.person_limiter import PersonLimiter
from gateway.edge.pipeline import Pipeline
from gateway.edge.settings import Auditing, Settings
from gateway.edge.warm import warm

__all__ = [
    "Acts",
    "Auditing",
    "GraphQLEndpoint",
    "PersistedDocuments",
    "PersonLimiter",
    "Pipeline",
    "Settings",
    "fault_of",
    "override_labels",
    "read_trusted",
    "warm",
]
