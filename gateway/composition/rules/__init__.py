"""Rules: a file for each error code, by its name.

Codes that one decision tells apart share the file of their subject, whose first lines name them: what `@override` says,
say, is wrong in one of several ways.

`SCHEMA_RULES` say whether an SDL is one, each group only if those before it found nothing; `SUBGRAPH_RULES` look at
each subgraph by itself; `MERGE_RULES` at all of them together, as they are merged. The rest stand for themselves: they
look at what was merged.
"""

from gateway.composition.rules.auth_requirements_applied_on_interface import check_access_on_interfaces
from gateway.composition.rules.composed_directives import check_composed, check_exports
from gateway.composition.rules.context import check_contexts
from gateway.composition.rules.contextual_argument_not_contextual_in_all_subgraphs import check_contextual_everywhere
from gateway.composition.rules.cost import check_costs
from gateway.composition.rules.directive_definition_invalid import check_directive_definitions
from gateway.composition.rules.extension_with_no_base import check_extension_bases
from gateway.composition.rules.external_missing_on_base import check_external_base
from gateway.composition.rules.external_signatures import check_external_signatures
from gateway.composition.rules.external_unused import check_external_used
from gateway.composition.rules.field_argument_type_mismatch import check_executable_directives
from gateway.composition.rules.field_sets import check_field_sets, check_leaves
from gateway.composition.rules.fields_missing_external import check_external_in_sets
from gateway.composition.rules.inaccessible import check_inaccessible
from gateway.composition.rules.interface_field_no_implem import check_interface_fields
from gateway.composition.rules.interface_key_missing_implementation_type import check_implementations_known
from gateway.composition.rules.interface_key_not_on_implementation import check_interface_keys
from gateway.composition.rules.interface_object_usage_error import check_interface_object_keys, check_interface_objects
from gateway.composition.rules.invalid_field_sharing import check_field_sharing
from gateway.composition.rules.invalid_graphql import check_graphql
from gateway.composition.rules.invalid_shareable_usage import check_shareable_on_objects
from gateway.composition.rules.link_import_name_mismatch import check_import_names
from gateway.composition.rules.links import check_links
from gateway.composition.rules.merged_directive_application_on_external import check_external_directives
from gateway.composition.rules.missing_transitive_auth_requirements import check_transitive_access
from gateway.composition.rules.no_queries import check_queries
from gateway.composition.rules.override import check_overrides
from gateway.composition.rules.root_used import check_root_names
from gateway.composition.rules.subject_ownership import check_ownership
from gateway.composition.rules.subjects import check_subjects
from gateway.composition.rules.unsupported_on_interface import check_directives_on_interfaces

SCHEMA_RULES = ((check_links,), (check_directive_definitions, check_graphql))
SUBGRAPH_RULES = (
    check_root_names,
    check_exports,
    check_field_sets,
    check_external_used,
    check_external_in_sets,
    check_shareable_on_objects,
    check_access_on_interfaces,
    check_costs,
    check_contexts,
    check_interface_object_keys,
    check_directives_on_interfaces,
    check_interface_keys,
)
MERGE_RULES = (
    check_import_names,
    check_composed,
    check_executable_directives,
    check_contextual_everywhere,
    check_overrides,
    check_ownership,
    check_extension_bases,
    check_external_base,
    check_external_signatures,
    check_external_directives,
    check_field_sharing,
    check_interface_objects,
    check_implementations_known,
)

__all__ = [
    "MERGE_RULES",
    "SCHEMA_RULES",
    "SUBGRAPH_RULES",
    "check_inaccessible",
    "check_interface_fields",
    "check_leaves",
    "check_queries",
    "check_subjects",
    "check_transitive_access",
]
