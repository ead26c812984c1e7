"""What policies' conditions say, as far as it is read here: from Cedar's JSON of a policy to parts that must each hold.

Only what can't err is read: attributes that requests and entities always have, and operators over values of the types
that the schema gives them. A policy with anything else in it is not read at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from authz.policy.names import LEVELS
from authz.principal import Purpose, Role
from authz.standing import UNRELATED, Kind, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping

    from authz.policy.names import PolicyName


class Asking(NamedTuple):
    """What a decision depends on but for the child. `own`: the agency that holds it is the asking one's."""

    roles: tuple[Role, ...]
    purpose: Purpose
    name: PolicyName
    own: bool
    action: str = "disclose"


class Part(NamedTuple):
    """An expression: what it gives (`bool`, `string`, `strings`), whether the child has a part in it, and its value."""

    gives: str
    of_child: bool
    value: Callable[[Asking, Standing], Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """When a policy applies: the parts that are the same for every child, and the others. All of them have to hold."""

    asked: tuple[Part, ...]
    of_child: tuple[Part, ...]

    def could_hold(self, asking: Asking) -> bool:
        """Whether it could hold of some child."""
        for part in self.asked:  # noqa: SIM110 - asked of every policy: a generator would take twice as long
            if not part.value(asking, UNRELATED):
                return False
        return True

    def holds(self, asking: Asking, standing: Standing) -> bool:
        """Whether it holds of a child, given that it could."""
        return all(part.value(asking, standing) for part in self.of_child)


class _UnreadError(Exception):
    """There is something in a policy that is not read here."""


def read_condition(policy: Mapping[str, Any]) -> Condition | None:
    """A policy's condition, from Cedar's JSON of it; None where something in it is not read.

    What its scope says of principal and resource is left aside: a policy that fails by its scope applies less often.
    """
    try:
        parts = [_action(policy["action"])]
        for one in policy["conditions"]:
            parts += _conjuncts(one["body"]) if one["kind"] == "when" else [_part({"!": {"arg": one["body"]}})]
    except _UnreadError:
        return None
    return Condition(tuple(part for part in parts if not part.of_child), tuple(part for part in parts if part.of_child))


def unknown_word(conditions: Any, categories: Container[str] | None) -> str | None:
    """A word that is held against an attribute and that it never has, if there is one; `categories` None are any.

    A policy with such a word does not apply where its writer thought: a forbid does not forbid.
    """
    left = [conditions]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left.extend(one)
        elif isinstance(one, dict):
            left.extend(one.values())
            for of in (of for operator, of in one.items() if operator in _HELD and isinstance(of, dict)):
                sides = [of.get("left"), of.get("right")]
                for attribute in filter(None, map(_attribute_of, sides)):
                    known = categories if attribute == "category" else _KNOWN.get(attribute)
                    unknown = sorted(word for side in sides for word in _words(side) if known and word not in known)
                    if unknown:
                        return unknown[0]
    return None


def _attribute_of(parsed: Any) -> str | None:
    known = isinstance(parsed, dict) and isinstance(parsed.get("."), dict) and "Var" in parsed["."]["left"]
    return str(parsed["."]["attr"]) if known else None


def _words(parsed: Any) -> Iterator[str]:
    """The words that an expression is, or a set of."""
    for each in parsed.get("Set", [parsed]) if isinstance(parsed, dict) else ():
        if isinstance(each, dict) and isinstance(each.get("Value"), str):
            yield each["Value"]


def strings(parsed: Any) -> frozenset[str]:
    """Every string that Cedar's JSON of something holds as a value: words, and the attributes that it speaks of."""
    found: set[str] = set()
    left = [parsed]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)
        elif isinstance(one, str):
            found.add(one)
    return frozenset(found)


SHIELDED: Final = "shielded"
_HELD: Final = {"==", "!=", "contains", "containsAll", "containsAny"}
_KNOWN: Final[Mapping[str, Container[str]]] = {
    "roles": tuple(role.value for role in Role),
    "purpose": tuple(purpose.value for purpose in Purpose),
    "level": LEVELS,
    "relationships": tuple(kind.value for kind in Kind),
}

_ATTRIBUTES: Final[Mapping[tuple[str, str], Part]] = {
    ("principal", "roles"): Part("strings", False, lambda asking, _: frozenset(role.value for role in asking.roles)),
    ("resource", "category"): Part("string", False, lambda asking, _: asking.name.category),
    ("resource", "level"): Part("string", False, lambda asking, _: asking.name.level),
    ("context", "purpose"): Part("string", False, lambda asking, _: asking.purpose.value),
    ("context", "own"): Part("bool", False, lambda asking, _: asking.own),
    ("context", "relationships"): Part(
        "strings", True, lambda _, standing: frozenset(map(str, standing.relationships))
    ),
    ("context", "team"): Part("bool", True, lambda _, standing: standing.team),
    ("context", "related"): Part("bool", True, lambda _, standing: standing.related),
    ("context", "claimed"): Part("bool", True, lambda _, standing: standing.claimed),
    ("context", "breakGlass"): Part("bool", True, lambda _, standing: standing.break_glass),
    ("context", SHIELDED): Part("bool", True, lambda _, standing: standing.shielded),
}

_OPERATORS: Final[Mapping[str, tuple[str, str, Callable[[Any, Any], bool]]]] = {
    "&&": ("bool", "bool", lambda left, right: left and right),
    "||": ("bool", "bool", lambda left, right: left or right),
    "==": ("string", "string", lambda left, right: left == right),
    "!=": ("string", "string", lambda left, right: left != right),
    "contains": ("strings", "string", lambda left, right: right in left),
    "containsAll": ("strings", "strings", lambda left, right: left >= right),
    "containsAny": ("strings", "strings", lambda left, right: not left.isdisjoint(right)),
}
"""Each with what it takes on either side."""


def _action(scope: Mapping[str, Any]) -> Part:
    """Whether the scope's action is the one that is asked; a scope of several actions or of any is taken to fit."""
    if scope["op"] != "==":
        return Part("bool", False, lambda *_: True)
    wanted = scope["entity"]["id"]
    return Part("bool", False, lambda asking, _: asking.action == wanted)


def _conjuncts(parsed: Any) -> list[Part]:
    found: list[Part] = []
    while isinstance(parsed, dict) and parsed.keys() == {"&&"}:
        found.append(_of_type("bool", parsed["&&"]["right"]))
        parsed = parsed["&&"]["left"]
    return [_of_type("bool", parsed), *reversed(found)]


def _of_type(gives: str, parsed: Any) -> Part:
    part = _part(parsed)
    if part.gives != gives:
        raise _UnreadError
    return part


def _part(parsed: Any) -> Part:
    """As deep as Cedar reads its own JSON, and no deeper (`WeighedPolicy`)."""
    if not isinstance(parsed, dict) or len(parsed) != 1:
        raise _UnreadError
    ((operator, of),) = parsed.items()
    if operator == "Value" and isinstance(of, str):
        return Part("string", False, lambda *_: of)
    if operator == "Set":
        values = frozenset(_string(each) for each in of)
        return Part("strings", False, lambda *_: values)
    if operator == ".":
        return _attribute(of["left"], of["attr"])
    if operator == "!":
        denied = _of_type("bool", of["arg"])
        return Part("bool", denied.of_child, lambda *case: not denied.value(*case))
    if operator == "isEmpty":
        counted = _of_type("strings", of["arg"])
        return Part("bool", counted.of_child, lambda *case: not counted.value(*case))
    if operator not in _OPERATORS:
        raise _UnreadError
    takes_left, takes_right, apply = _OPERATORS[operator]
    left = _of_type(takes_left, of["left"])
    right = _of_type(takes_right, of["right"])
    return Part("bool", left.of_child or right.of_child, lambda *case: apply(left.value(*case), right.value(*case)))


def _string(parsed: Any) -> str:
    if not isinstance(parsed, dict) or not isinstance(parsed.get("Value"), str):
        raise _UnreadError
    return str(parsed["Value"])


def _attribute(of: Any, name: str) -> Part:
    known = _ATTRIBUTES.get((of.get("Var", ""), name)) if isinstance(of, dict) else None
    if known is None:
        raise _UnreadError
    return known
