"""The configuration's files: what they say, and what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.answer_limits import LARGEST, OF_AN_ANSWER, AnswerLimits
from gateway.config import read_issuers, read_subgraphs
from gateway.errors import ConfigError

ONE = {"issuer": "https://one.example", "agencies": ["380"]}
TWO = {"issuer": "https://two.example", "agencies": ["13", "14"], "audience": "other", "profile": "two.json"}


def read(folder: Path, content: object) -> list[tuple[str, str, Path | None, frozenset[str]]]:
    path = folder / "issuers.json"
    path.write_text(json.dumps(content))
    return [tuple(each) for each in read_issuers(path, "cps")]  # type: ignore[misc] # as they are


def test_issuers_of_different_agencies_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, [ONE, TWO]) == [
        ("https://one.example", "cps", None, frozenset(("380",))),
        ("https://two.example", "other", tmp_path / "two.json", frozenset(("13", "14"))),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([ONE, {**TWO, "agencies": ["13", "380"]}], "of an agency's people one issuer speaks, and no other"),
        ([{**ONE, "agencies": []}], "has `agencies`"),
        ([{**ONE, "agencies": "380"}], "has `agencies`"),
        ([{**ONE, "agencies": [380]}], "has `agencies`"),
        ([{"issuer": "https://one.example"}], "has `agencies`"),
        ([{**ONE, "issuer": ""}], "a JSON list of issuers"),
        ([{**ONE, "audience": 5}], "a JSON list of issuers"),
        ([{**ONE, "unknown": "x"}], "a JSON list of issuers"),
        ({"agencies": ["380"]}, "a JSON list of issuers"),
        (["https://one.example"], "a JSON list of issuers"),
    ],
)
def test_issuers_that_are_wrong_are_refused(tmp_path: Path, content: object, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read(tmp_path, content)


def test_a_file_that_is_no_json_says_where(tmp_path: Path) -> None:
    (tmp_path / "issuers.json").write_text("[{]")
    with pytest.raises(ConfigError, match="is not JSON: line 1, column 3"):
        read_issuers(tmp_path / "issuers.json", "cps")


def subgraphs(folder: Path, **stated: object) -> Path:
    path = folder / "subgraphs.json"
    path.write_text(json.dumps([{"name": "police", "url": "http://127.0.0.1:4003/graphql", **stated}]))
    return path


def test_an_agency_s_answers_may_be_larger_than_usual(tmp_path: Path) -> None:
    (usual,) = read_subgraphs(subgraphs(tmp_path))
    assert usual.answers is None
    (own,) = read_subgraphs(subgraphs(tmp_path, answers={"objects": 50_000}))
    assert own.answers == AnswerLimits(OF_AN_ANSWER.bytes, 50_000, OF_AN_ANSWER.values)
    (most,) = read_subgraphs(subgraphs(tmp_path, answers=LARGEST._asdict()))
    assert most.answers == LARGEST


@pytest.mark.parametrize(
    "stated",
    [
        7, [], "large", {"rows": 5}, {"objects": 0}, {"objects": True}, {"objects": 1.5}, {"bytes": "8 MiB"},
        *({name: most + 1} for name, most in LARGEST._asdict().items()),
    ],
)  # fmt: skip
def test_limits_that_are_none_are_refused(tmp_path: Path, stated: object) -> None:
    with pytest.raises(ConfigError, match="`answers` of subgraph `police` has limits: `bytes` to 67108864, "):
        read_subgraphs(subgraphs(tmp_path, answers=stated))


def test_the_agencies_of_a_hosted_service_are_read(tmp_path: Path) -> None:
    (one,) = read_subgraphs(subgraphs(tmp_path, agencies=["380", "381"]))
    assert one.agencies == {"380", "381"}
    (alone,) = read_subgraphs(subgraphs(tmp_path, agency="380"))
    assert alone.agencies == {"380"}
    (nobody,) = read_subgraphs(subgraphs(tmp_path))
    assert nobody.agencies == frozenset()


@pytest.mark.parametrize(
    "stated",
    [
        {"agencies": []},
        {"agencies": "380"},
        {"agencies": [""]},
        {"agencies": ["380", ""]},
        {"agencies": [380]},
        {"agencies": {"380": 1}},
        {"agencies": ["380"], "agency": "380"},
    ],
)
def test_agencies_that_are_none_are_refused(tmp_path: Path, stated: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="stands in place of `agency`"):
        read_subgraphs(subgraphs(tmp_path, **stated))


def test_the_codes_of_an_agency_are_words(tmp_path: Path) -> None:
    (own,) = read_subgraphs(subgraphs(tmp_path, codes=["NOT_ON_ROLL"]))
    assert own.codes == {"NOT_ON_ROLL"}
    for stated in ("NOT_ON_ROLL", ["NOT_ON_ROLL", 5], [5], ["not on roll"], [["NOT_ON_ROLL"]], {"NOT_ON_ROLL": 1}):
        with pytest.raises(ConfigError, match="`codes` of subgraph `police` is a list of words such as `NOT_ON_ROLL`"):
            read_subgraphs(subgraphs(tmp_path, codes=stated))
