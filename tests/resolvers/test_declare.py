"""Declarations that can't be right are refused when they are made."""

from typing import Any

import pytest
import strawberry
from sqlalchemy import Column, Integer, MetaData, String, Table

from resolvers.access import policies
from resolvers.declare import Child, children, column, derived, gathered, graphql_name, identifier, item, paged, record
from resolvers.errors import DeclarationError
from resolvers.mapping import TEXT, one_text
from resolvers.subgraph import Subgraph
from resolvers.vocabulary import Sector

table = Table("T", MetaData(), Column("K", Integer, primary_key=True), Column("C", String))


@pytest.mark.parametrize("name", ["identity", "identity.all", "secret.detail", "detail.identity", ""])
def test_a_policy_is_category_and_level(name: str) -> None:
    with pytest.raises(DeclarationError, match="category"):
        column(table.c.C, policy=name)
    assert policies("identity.detail") == [["identity.detail"]]


def test_a_protected_field_must_be_nullable() -> None:
    @record(table=table, key=table.c.K, agency="1")
    class Sure:
        id: strawberry.ID = identifier()
        name: str = column(table.c.C, policy="identity.detail")  # type: ignore[assignment]  # what is tested

    with pytest.raises(DeclarationError, match="must be nullable"):
        Subgraph.sector("x", Sector.POLICE, "sure", Sure)


def test_pointing_at_children_is_declared() -> None:
    @record(table=table, key=table.c.K, agency="1")
    class Pointing:
        id: strawberry.ID = identifier()
        others: list[Child] | None = children(table.c.K, by=table.c.K, policy="identity.detail")

    with pytest.raises(DeclarationError, match="needs `refers`"):
        Subgraph.sector("x", Sector.POLICE, "pointing", Pointing)


def test_a_paged_list_needs_an_order_and_an_identifier() -> None:
    @item(table=table, key=table.c.K)
    class Unordered:
        id: strawberry.ID | None = identifier(policy="identity.detail")

    with pytest.raises(DeclarationError, match="can't be paged"):
        paged(Unordered, by=table.c.K, policy="identity.detail")


def test_what_a_derived_field_needs_is_declared() -> None:
    with pytest.raises(DeclarationError, match="needs `elsewhere`"):

        @record(table=table, key=table.c.K, agency="1")
        class Lost:
            @derived(needs=["elsewhere"], policy="identity.detail")
            def name(self) -> str | None:
                return None


def test_one_agency_or_a_tenant_column() -> None:
    with pytest.raises(DeclarationError, match="not both"):
        record(table=table, key=table.c.K, agency="1", tenant=table.c.C)


def test_an_expression_needs_its_table() -> None:
    with pytest.raises(DeclarationError, match="needs `table`"):
        gathered(table.c.C + "x", TEXT, by=table.c.K, into=one_text, policy="identity.detail")


def test_a_class_must_be_declared() -> None:
    class Plain:
        pass

    with pytest.raises(DeclarationError, match="is not declared"):
        paged(Plain, by=table.c.K, policy="identity.detail")


@pytest.mark.parametrize(("name", "called"), [("lead_worker", "leadWorker"), ("from_", "from"), ("id", "id")])
def test_names_in_the_schema(name: str, called: str) -> None:
    assert graphql_name(name) == called


def test_codecs_and_annotations_are_compared_by_the_checker() -> None:
    """A declarator has the value's type; mypy holds the annotation to it. At run time it is the declaration."""
    declared: Any = column(table.c.C, policy="identity.detail")
    assert declared.policy == "identity.detail"
