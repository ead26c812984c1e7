"""Rules, a file for each subject, that names the error codes it gives.

`LINK_RULES` come first, as all else depends on what is linked, then `SCHEMA_RULES`: that an SDL is one;
`SUBGRAPH_RULES` look at each subgraph by itself, before
merging; `MERGED_RULES` at all of them together, after it, and `check_inaccessible` at what was merged.
"""

from gateway.composition.rules.access import check_access_on_interfaces, check_transitive_access
from gateway.composition.rules.composed_directives import check_composed, check_executable_directives
from gateway.composition.rules.cost import check_costs
from gateway.composition.rules.external import check_external_base, check_external_in_sets, check_external_used
from gateway.composition.rules.field_sets import check_field_sets
from gateway.composition.rules.inaccessible import check_inaccessible
from gateway.composition.rules.interfaces import (
    check_interface_fields,
    check_interface_keys,
    check_interface_objects,
    check_shareable_on_objects,
)
from gateway.composition.rules.invalid_field_sharing import check_field_sharing
from gateway.composition.rules.invalid_graphql import check_graphql
from gateway.composition.rules.links import check_import_names, check_links
from gateway.composition.rules.no_queries import check_queries
from gateway.composition.rules.override import check_overrides
from gateway.composition.rules.roots import check_extension_bases, check_root_names

LINK_RULES = (check_links, check_import_names)
SCHEMA_RULES = (check_graphql, check_root_names, check_field_sets)
SUBGRAPH_RULES = (
    check_external_used,
    check_external_in_sets,
    check_shareable_on_objects,
    check_access_on_interfaces,
    check_costs,
    check_overrides,
    check_composed,
    check_interface_objects,
)
MERGED_RULES = (
    check_queries,
    check_extension_bases,
    check_external_base,
    check_field_sharing,
    check_interface_keys,
    check_interface_fields,
    check_transitive_access,
    check_executable_directives,
)

__all__ = ["LINK_RULES", "MERGED_RULES", "SCHEMA_RULES", "SUBGRAPH_RULES", "check_inaccessible"]
