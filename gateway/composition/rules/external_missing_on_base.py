"""EXTERNAL_MISSING_ON_BASE: someone resolves what others call external."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.composition.merge import Collected


def check_external_base(collected: Collected) -> None:
    for name in sorted({name for s in collected.subgraphs for name in s.types}):
        having = collected.having(name)
        for field in dict.fromkeys(f for _, t in having for f in t.fields):
            elements = [t.fields[field] for _, t in having if field in t.fields]
            interfaces = {i for _, t in having for i in t.interfaces}
            if any(t.interface_object and field in t.fields for i in interfaces for _, t in collected.having(i)):
                continue  # an interface object gives it
            if all(element.external for element in elements):
                message = f"`{name}.{field}` is external wherever it is: no subgraph has it"
                collected.error("EXTERNAL_MISSING_ON_BASE", message, *(e.place for e in elements))
