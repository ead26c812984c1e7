"""Merkle trees over the log's leaves (RFC 6962, section 2.1; RFC 9162, section 2.1).

A leaf's hash is SHA-256(0x00 | leaf), a node's SHA-256(0x01 | left | right). The left side of a tree of n leaves has
the largest power of two below n. A tree that only grows is kept as the roots of its perfect subtrees, the largest
first: a root costs no more than the binary length of its size.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

EMPTY_ROOT: Final = sha256().digest()


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Growing:
    """A tree that leaves are added to. `peaks` are its perfect subtrees' roots with their sizes."""

    size: int = 0
    peaks: list[tuple[int, bytes]] = field(default_factory=list)

    def add(self, leaf: bytes) -> None:
        """Add a leaf by its hash."""
        size, root = 1, leaf
        while self.peaks and self.peaks[-1][0] == size:
            _, left = self.peaks.pop()
            size, root = size * 2, node_hash(left, root)
        self.peaks.append((size, root))
        self.size += 1

    def root(self) -> bytes:
        if not self.peaks:
            return EMPTY_ROOT
        *others, (_, root) = self.peaks
        for _, left in reversed(others):
            root = node_hash(left, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root of a tree of these leaves' hashes."""
    tree = Growing()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The audit path of a leaf, from the leaf up (RFC 6962, section 2.1.1); raises `IndexError` for none of them."""
    if not 0 <= index < len(leaves):
        raise IndexError("there is no such leaf in the tree")
    if len(leaves) == 1:
        return []
    middle = _split(len(leaves))
    if index < middle:
        return [*inclusion_proof(index, leaves[:middle]), root_of(leaves[middle:])]
    return [*inclusion_proof(index - middle, leaves[middle:]), root_of(leaves[:middle])]


def consistency_proof(first: int, leaves: Sequence[bytes]) -> list[bytes]:
    """That the tree of the first so many leaves is the beginning of this one (RFC 6962, section 2.1.2)."""
    if not 0 < first <= len(leaves):
        raise IndexError("the earlier tree has at least one leaf, and no more than the later one")
    return _subproof(first, leaves, whole=True)


def _subproof(first: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if first == len(leaves):
        return [] if whole else [root_of(leaves)]
    middle = _split(len(leaves))
    if first <= middle:
        return [*_subproof(first, leaves[:middle], whole=whole), root_of(leaves[middle:])]
    return [*_subproof(first - middle, leaves[middle:], whole=False), root_of(leaves[:middle])]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof shows that a leaf (by its hash) is in the tree (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    fn, sn, found = index, size - 1, leaf
    for part in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            found = node_hash(part, found)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node_hash(found, part)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and found == root


def is_consistent(first: int, first_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that one tree is the beginning of another (RFC 9162, section 2.1.4.2)."""
    if not 0 < first <= size:
        return False
    if first == size:
        return not proof and first_root == root
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    fn, sn = first - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old = new = path[0]
    for part in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            old, new = node_hash(part, old), node_hash(part, new)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node_hash(new, part)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and old == first_root and new == root


def _split(size: int) -> int:
    """The largest power of two below a size that is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)
