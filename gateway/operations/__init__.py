"""Operations: parsed, held to limits, validated, normalised, authorised."""

from gateway.operations.authorise import Reader, Withheld, authorise
from gateway.operations.cost import CostEstimator, check_cost
from gateway.operations.document import Document, read_document
from gateway.operations.limits import Limits
from gateway.operations.normalise import Normalised, normalise
from gateway.operations.operation import Operation, Variable
from gateway.operations.price import MOST
from gateway.operations.variables import check_variables

__all__ = [
    "MOST",
    "CostEstimator",
    "Document",
    "Limits",
    "Normalised",
    "Operation",
    "Reader",
    "Variable",
    "Withheld",
    "authorise",
    "check_cost",
    "check_variables",
    "normalise",
    "read_document",
]
