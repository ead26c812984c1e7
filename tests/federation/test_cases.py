"""The corpus: one folder a behaviour under `cases/`.

`<subgraph>.graphql` and `<subgraph>.json` are the subgraphs, `query.graphql` and `variables.json` the request,
`faults.json` how a subgraph misbehaves, `labels.json` which labels of overrides are in force, `whole.json` the
undivided schema's data where it is not simply the subgraphs' together (`{"$none": why}` where there is none to compare
with). `plan.txt` and `answer.json` there, `messages.txt` and `code/` here are what is expected (`tests.reviewed`).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from authz.policy import Policies
from gateway.execution import Program, Shapes
from gateway.operations import normalise, read_document
from tests.federation.harness import UNPRICED, Fault, Network, Run, needless
from tests.federation.values import Json
from tests.federation.whole import whole
from tests.reviewed import expect

CASES = Path(__file__).parent / "cases"
OF_WHICH_CODE = (
    "compound_key",
    "context_from_the_object_above",
    "entity_by_several_keys",
    "entities_that_differ_by_place",
    "interface_with_fragments",
    "lists_of_lists",
    "mutations_in_order",
    "null_in_a_list_of_non_null",
    "requires_nested",
    "skip_of_what_requires_beside_what_does_not",
    "subject_siblings_of_siblings",
    "union_of_members_with_keys_of_different_types",
)
"""Cases between which the generated code has each of its parts."""

_NOT_SUBGRAPHS = ("query",)


def _read(path: Path, default: Json) -> Json:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else default


def network(folder: Path) -> Network:
    files = sorted(f for f in folder.glob("*.graphql") if f.stem not in _NOT_SUBGRAPHS)
    made = Network.of({f.stem: (f.read_text(encoding="utf-8"), _read(f.with_suffix(".json"), {})) for f in files})
    made.faults = {name: Fault.read(stated) for name, stated in _read(folder / "faults.json", {}).items()}
    made.policies = Policies.partnership()
    made.labels = frozenset(_read(folder / "labels.json", []))
    return made


def _shown(run: Run) -> Json:
    """What a snapshot holds of a run; the errors' words are for people, so they may change."""
    shown: dict[str, Json] = {"data": run.data}
    if run.errors:
        errors = [{"path": e.get("path"), **e["extensions"]} for e in run.errors]
        shown["errors"] = sorted(errors, key=lambda e: json.dumps(e, sort_keys=True))
    if run.unavailable:
        shown["unavailable"] = run.unavailable
    if run.withheld:
        shown["withheld"] = run.withheld
    shown["asked"] = run.graphs
    return shown


FOLDERS = sorted(f for f in CASES.iterdir() if f.is_dir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
async def test_case(folder: Path) -> None:
    under_test = network(folder)
    query = (folder / "query.graphql").read_text(encoding="utf-8")
    variables = _read(folder / "variables.json", None)
    planned = under_test.plan(query)
    assert needless(planned) == []
    plan = "\n".join(planned.describe()) + "\n"
    run = await under_test.run(query, variables)
    assert run.invalid == []
    data = _read(folder / "whole.json", None) or whole(under_test.subgraphs)
    if "$none" not in data and not under_test.faults:
        expected = under_test.undivided(query, variables, data)
        assert run.data == expected
        assert json.dumps(run.data) == json.dumps(expected), "the keys are in another order"
    expect(folder / "plan.txt", plan)
    expect(folder / "answer.json", json.dumps(_shown(run), indent=2, ensure_ascii=False) + "\n")


async def test_what_clients_are_told_of_faults() -> None:
    """The words are for people; that they change is to be seen."""
    lines = []
    for folder in FOLDERS:
        if "errors" not in _read(folder / "answer.json", {}):
            continue
        run = await network(folder).run(
            (folder / "query.graphql").read_text(encoding="utf-8"), _read(folder / "variables.json", None)
        )
        lines += [f"{folder.name}: {message}" for message in sorted(str(error["message"]) for error in run.errors)]
    assert len(lines) > len(OF_WHICH_CODE)
    expect(CASES.parent / "messages.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("name", OF_WHICH_CODE)
def test_the_code_of_a_plan(name: str) -> None:
    under_test = network(CASES / name)
    query = (CASES / name / "query.graphql").read_text(encoding="utf-8")
    document = read_document(query, None, under_test.supergraph.api_schema, UNPRICED)
    normalised = normalise(document, under_test.supergraph).operation
    shapes = Shapes(under_test.supergraph, normalised)
    text = Program(under_test.plan(query), shapes, under_test.supergraph).text
    expect(CASES.parent / "code" / f"{name}.txt", text)


def test_every_case_is_whole() -> None:
    assert len(FOLDERS) > 100
    for folder in CASES.iterdir():
        assert (folder / "query.graphql").exists(), folder.name
        assert len(list(folder.glob("*.graphql"))) >= 3, folder.name
