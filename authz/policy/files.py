"""Policies as text: read, checked against their Cedar schema, and each known by its `@id`."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import cedarpy

from authz.errors import PolicyError
from authz.policy.conditions import unknown_kind
from authz.policy.slices import MAX_POLICIES, WeighedPolicy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

_FOLDER = files("authz.policy")
SCHEMA = (_FOLDER / "schema.json").read_text(encoding="utf-8")
PARTNERSHIP = "\n".join(
    each.read_text(encoding="utf-8")
    for each in sorted((_FOLDER / "partnership").iterdir(), key=lambda each: each.name)
    if each.name.endswith(".cedar")
)
MAX_GRANTS: Final = 1_000
MAX_TEXT: Final = 200_000
"""Characters of one set of policies."""
MAX_NESTED: Final = 100
"""Brackets in one another."""
MAX_OPERATORS: Final = 400
"""In one policy. Cedar's reader ends the process where a text goes far beyond either."""

_CODE = re.compile(r"[A-Za-z0-9]{1,12}")
_WORDS = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|[(\[{}\]);]|&&|\|\||[-+*!<>=.]|\b(?:if|has|like|in|is)\b')


def read_policies(text: str, schema: str, others: Collection[str] = ()) -> dict[str, WeighedPolicy]:
    """The policies of a text by their `@id`, of which `others` are taken.

    Raises `PolicyError` where the text does not parse, does not fit the schema, or a policy has no `@id` of its own.
    """
    _check_size(text)
    try:
        parsed = json.loads(cedarpy.policies_to_json_str(text))
        cedarpy.Schema.from_json_str(schema)
        found = dict(_read_each(parsed))
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"the policies can't be loaded: {error}") from error
    result = cedarpy.validate_policies(text, schema)
    if not result.validation_passed:
        raise PolicyError("the policies do not fit their schema: " + "; ".join(str(e.error) for e in result.errors))
    taken = sorted(found.keys() & set(others))
    if taken:
        raise PolicyError(f"every policy needs an `@id` of its own: `{taken[0]}` is the partnership's")
    return found


def _check_size(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise PolicyError(f"the policies have {len(text):,} characters: at most {MAX_TEXT:,}")
    nested = operators = 0
    for word in _WORDS.findall(text):
        if word in ("(", "[", "{"):
            nested += 1
        elif word in (")", "]", "}"):
            nested -= 1
        elif word == ";":
            nested = operators = 0
        elif word[0] not in '"/':
            operators += 1
        if nested > MAX_NESTED or operators > MAX_OPERATORS:
            raise PolicyError(f"a policy has over {MAX_NESTED} brackets in one another, or {MAX_OPERATORS} operators")


def _read_each(parsed: Mapping[str, Any]) -> Iterator[tuple[str, WeighedPolicy]]:
    if parsed.get("templates"):
        raise PolicyError("a template decides nothing: write policies")
    policies = list(parsed["staticPolicies"].values())
    if len(policies) > MAX_POLICIES:
        raise PolicyError(f"{len(policies):,} policies are too many: at most {MAX_POLICIES:,}")
    names = [policy.get("annotations", {}).get("id") for policy in policies]
    if not all(names) or len(set(names)) != len(names):
        raise PolicyError("every policy needs an `@id` of its own")
    for name, policy in zip(names, policies, strict=True):
        unknown = unknown_kind(policy["conditions"])
        if unknown is not None:
            raise PolicyError(f"`{name}`: `{unknown}` is no relationship with a child")
        try:
            yield name, WeighedPolicy.of(name, policy)
        except ValueError as error:
            raise PolicyError(f"`{name}` nests too deep: write a set's `contains`, or several policies") from error


def read_folder(folder: Path) -> str:
    """The text of a folder's `*.cedar` files; raises `PolicyError` where there is none."""
    text = "\n".join(_read(path) for path in sorted(folder.glob("*.cedar")))
    if not text.strip():
        raise PolicyError("the folder holds no policy: `*.cedar` is expected")
    return text


def read_grants(folder: Path) -> dict[str, str]:
    """Each agency's policies from `CODE.cedar`, by its code; raises `PolicyError`."""
    paths = sorted(folder.glob("*.cedar"))
    unfit = [path.name for path in paths if not _CODE.fullmatch(path.stem)]
    if unfit or not paths or len(paths) > MAX_GRANTS:
        raise PolicyError(f"a folder of grants holds `CODE.cedar` for each agency, {MAX_GRANTS:,} at most")
    return {path.stem: _read(path) for path in paths}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"the policies can't be read: {type(error).__name__}") from error
