"""Policies as text: read, checked against their Cedar schema, and each known by its `@id`."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import cedarpy

from authz.errors import PolicyError
from authz.policy.conditions import unknown_word
from authz.policy.slices import MAX_POLICIES, WeighedPolicy

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterator, Mapping
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
"""Characters of the partnership's policies."""
MAX_GRANTED: Final = 50_000
"""Characters of an agency's."""
MAX_POLICY: Final = 10_000
"""Characters of one policy."""
MAX_LITERAL: Final = 500
"""Characters of one literal: a pattern that is held against another costs their product."""
MAX_SIGNS: Final = 400
"""Brackets, operators and keywords of one policy: where very many nest, Cedar's reader ends the process."""
MAX_CLAUSES: Final = 20

_CODE = re.compile(r"[A-Za-z0-9]{1,12}")
_SIGNS = re.compile(
    r'"(?:[^"\\]|\\.)*"|//[^\n\r]*|[(\[{;@]|&&|\|\||[-+*!<>=.]|\b(?:when|unless|if|has|like|in|is)\b', re.DOTALL
)


def read_policies(
    text: str,
    schema: str,
    others: Collection[str] = (),
    *,
    most: int = MAX_TEXT,
    categories: Container[str] | None = None,
) -> dict[str, WeighedPolicy]:
    """The policies of a text by their `@id`, of which `others` are taken; of at most so many characters.

    Raises `PolicyError` where the text does not parse or fit the schema, is too large, has a template, a policy has no
    `@id` of its own, or holds a word against a role, a purpose, a category, a level or a relationship that is none.
    """
    _check_size(text, most)
    try:
        parsed = json.loads(cedarpy.policies_to_json_str(text))
        cedarpy.Schema.from_json_str(schema)
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"the policies can't be loaded: {error}") from error
    result = cedarpy.validate_policies(text, schema)
    if not result.validation_passed:
        raise PolicyError("the policies do not fit their schema: " + "; ".join(str(e.error) for e in result.errors))
    found = dict(_read_each(parsed, categories))
    taken = sorted(found.keys() & set(others))
    if taken:
        raise PolicyError(f"every policy needs an `@id` of its own: `{taken[0]}` is the partnership's")
    return found


def _check_size(text: str, most: int) -> None:
    """Before Cedar reads it: what it can't read may end the process."""
    if len(text) > most:
        raise PolicyError(f"the policies have {len(text):,} characters: at most {most:,}")
    signs = start = 0
    for sign in _SIGNS.finditer(text):
        first = sign[0][0]
        if first == ";":
            signs, start = 0, sign.end()
        elif first == '"':
            _check_most(len(sign[0]) - 2, MAX_LITERAL, "characters in a literal")
        elif first != "/":
            signs += 1
        _check_most(signs, MAX_SIGNS, "brackets, operators and keywords in a policy")
        _check_most(sign.end() - start, MAX_POLICY, "characters in a policy")
    _check_most(len(text) - start, MAX_POLICY, "characters in a policy")


def _check_most(count: int, most: int, of_what: str) -> None:
    if count > most:
        raise PolicyError(f"{count:,} {of_what}: at most {most:,}")


def _read_each(parsed: Mapping[str, Any], categories: Container[str] | None) -> Iterator[tuple[str, WeighedPolicy]]:
    if parsed.get("templates"):
        raise PolicyError("a template decides nothing: write policies")
    policies = list(parsed["staticPolicies"].values())
    _check_most(len(policies), MAX_POLICIES, "policies")
    names = [policy.get("annotations", {}).get("id") for policy in policies]
    if not all(names) or len(set(names)) != len(names):
        raise PolicyError("every policy needs an `@id` of its own")
    for name, policy in zip(names, policies, strict=True):
        _check_most(len(policy["conditions"]), MAX_CLAUSES, f"clauses in `{name}`")
        unknown = unknown_word(policy["conditions"], categories)
        if unknown is not None:
            raise PolicyError(f"`{name}` speaks of `{unknown}`, which is none that there is")
        try:
            yield name, WeighedPolicy.of(name, policy)
        except ValueError as error:
            raise PolicyError(
                f"`{name}` can't be kept: {error}. (Does it nest over 60 deep? Write `contains`, or several policies)"
            ) from error


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
