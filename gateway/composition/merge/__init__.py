"""Merging: the types of all subgraphs -> `MergedSchema`, by Federation's rules, a module for each kind of element."""

from gateway.composition.merge.merged import Collected, MergedField, MergedInput, MergedSchema, MergedType
from gateway.composition.merge.schema import merge_schema

__all__ = ["Collected", "MergedField", "MergedInput", "MergedSchema", "MergedType", "merge_schema"]
