"""Policies as text: read, checked against their Cedar schema, and each known by its `@id`."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import cedarpy

from authz.bounded import Bounded
from authz.errors import PolicyError
from authz.policy.slices import Slices
from authz.policy.standings import standings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from authz.policy.names import PolicyName
    from authz.principal import Role

_FOLDER = files("authz.policy")
SCHEMA = (_FOLDER / "schema.json").read_text(encoding="utf-8")
PARTNERSHIP = "\n".join(
    each.read_text(encoding="utf-8")
    for each in sorted((_FOLDER / "partnership").iterdir(), key=lambda each: each.name)
    if each.name.endswith(".cedar")
)
MAX_GRANTS = 1_000
_CODE = re.compile(r"[A-Za-z0-9]{1,12}")


class Rules:
    """One set of policies that Cedar has parsed and checked."""

    def __init__(self, text: str, schema: str) -> None:
        """Raises `PolicyError` where the text does not parse, does not fit the schema, or a policy has no `@id`."""
        try:
            whole = cedarpy.PolicySet.from_str(text)
            parsed = json.loads(cedarpy.policies_to_json_str(text))
            cedarpy.Schema.from_json_str(schema)
        except (ValueError, RecursionError) as error:
            raise PolicyError(f"the policies can't be loaded: {error}") from error
        self._ids = _ids(parsed)
        result = cedarpy.validate_policies(text, schema)
        if not result.validation_passed:
            raise PolicyError("the policies do not fit their schema: " + "; ".join(str(e.error) for e in result.errors))
        self.slices = Slices(whole, parsed)
        standings(self.slices.kinds, break_glass=True)
        self._entities: Bounded[tuple[tuple[Role, ...], PolicyName], cedarpy.Entities] = Bounded(10_000)

    def entities(self, roles: tuple[Role, ...], name: PolicyName) -> cedarpy.Entities:
        """Who asks and what for, as Cedar knows them."""
        slot = (roles, name)
        known = self._entities.get(slot)
        if known is None:
            known = cedarpy.Entities.from_json_str(
                json.dumps(
                    [
                        {
                            "uid": {"type": "Practitioner", "id": "asking"},
                            "attrs": {"roles": [role.value for role in roles]},
                            "parents": [],
                        },
                        {
                            "uid": {"type": "Information", "id": "asked"},
                            "attrs": {"category": name.category, "level": name.level},
                            "parents": [],
                        },
                    ]
                )
            )
            self._entities.put(slot, known)
        return known

    def id(self, internal: str) -> str:
        """Cedar numbers policies; people know them by their `@id`."""
        return self._ids.get(internal, internal)


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


def _ids(parsed: Mapping[str, Any]) -> dict[str, str]:
    """Each policy's `@id` by Cedar's own name for it; raises `PolicyError` where one has none, or two have the same."""
    if parsed.get("templates"):
        raise PolicyError("a template decides nothing: write policies")
    found = {name: policy.get("annotations", {}).get("id") for name, policy in parsed["staticPolicies"].items()}
    if not all(found.values()) or len(set(found.values())) != len(found):
        raise PolicyError("every policy needs an `@id` of its own")
    return found
