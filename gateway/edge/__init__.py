"""The edge: HTTP in, HTTP out."""

from gateway.edge.endpoint import GraphQLEndpoint
from gateway.edge.overrides import override_labels
from gateway.edge.pipeline import Pipeline
from gateway.edge.settings import Auditing, Settings
from gateway.edge.warm import warm

__all__ = ["Auditing", "GraphQLEndpoint", "Pipeline", "Settings", "override_labels", "warm"]
