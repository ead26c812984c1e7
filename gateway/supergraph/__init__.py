"""The supergraph: its model, and reading it from SDL."""

from gateway.supergraph.costs import Costs, ListSize
from gateway.supergraph.model import Access, CompositeType, FieldDef, Graph, Key, Kind, Membership, Owner, Supergraph
from gateway.supergraph.read import read_supergraph

__all__ = [
    "Access",
    "CompositeType",
    "Costs",
    "FieldDef",
    "Graph",
    "Key",
    "Kind",
    "ListSize",
    "Membership",
    "Owner",
    "Supergraph",
    "read_supergraph",
]
