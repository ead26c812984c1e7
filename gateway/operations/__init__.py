"""Operations: parsed, held to limits, validated, normalised, authorised."""

from gateway.operations.authorise import Reader, Withheld, authorise
from gateway.operations.cost import CostEstimator, check_cost
from gateway.operations.document import Document, read_document
from gateway.operations.limits import Limits
from gateway.operations.literals import Template, Written, place_of, without_values
from gateway.operations.normalise import Normalised, normalise
from gateway.operations.operation import Operation, Variable
from gateway.operations.price import MOST
from gateway.operations.variables import Declared, check_variables, declared

__all__ = [
    "MOST",
    "CostEstimator",
    "Declared",
    "Document",
    "Limits",
    "Normalised",
    "Operation",
    "Reader",
    "Template",
    "Variable",
    "Withheld",
    "Written",
    "authorise",
    "check_cost",
    "check_variables",
    "declared",
    "normalise",
    "place_of",
    "read_document",
    "without_values",
]
