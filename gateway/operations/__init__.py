"""Operations: parsed, held to limits, validated, normalised, authorised."""

from gateway.operations.authorise import Reader, Withheld, authorise
from gateway.operations.document import Document, read_document
from gateway.operations.limits import Limits
from gateway.operations.normalise import Normalised, normalise
from gateway.operations.operation import Operation, Variable
from gateway.operations.variables import check_variables

__all__ = [
    "Document",
    "Limits",
    "Normalised",
    "Operation",
    "Reader",
    "Variable",
    "Withheld",
    "authorise",
    "check_variables",
    "normalise",
    "read_document",
]
