"""Merkle trees against the reference values of Certificate Transparency."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.tree import (
    EMPTY_ROOT,
    Growing,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    node_hash,
    root_of,
)

# the inputs and roots of certificate-transparency's own tests (merkletree/merkle_tree_test.cc)
INPUTS = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(each) for each in INPUTS]


def test_the_empty_tree_and_the_hashes_of_leaves_and_nodes() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Growing().root() == EMPTY_ROOT
    assert leaf_hash(b"").hex() == ROOTS[0]
    assert node_hash(b"N123", b"N456").hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    assert leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"


@pytest.mark.parametrize("size", range(1, 9))
def test_the_reference_roots(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(
    ("index", "size", "proof"),
    [
        (0, 8, ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"]),
        (5, 8, ["bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"]),
        (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    ],
)  # fmt: skip
def test_the_reference_inclusion_proofs(index: int, size: int, proof: list[str]) -> None:
    assert [part.hex() for part in inclusion_proof(index, LEAVES[:size])] == proof


@pytest.mark.parametrize(
    ("first", "size", "proof"),
    [
        (1, 1, []),
        (1, 8, ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"]),
        (6, 8, ["0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"]),
        (2, 5, ["5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"]),
    ],
)  # fmt: skip
def test_the_reference_consistency_proofs(first: int, size: int, proof: list[str]) -> None:
    assert [part.hex() for part in consistency_proof(first, LEAVES[:size])] == proof


leaves = st.integers(1, 70).map(lambda n: [sha256(bytes([k])).digest() for k in range(n)])


@settings(deadline=None, max_examples=200)
@given(leaves, st.data())
def test_proofs_verify_and_nothing_else_does(made: list[bytes], data: st.DataObject) -> None:
    size, root = len(made), root_of(made)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, made)
    assert is_included(made[index], index, size, proof, root)
    other = data.draw(st.integers(0, size - 1))
    assert is_included(made[other], index, size, proof, root) is (other == index)
    assert not is_included(made[index], index, size, [*proof, root], root)
    assert not is_included(made[index], size, size, proof, root)
    assert not proof or not is_included(made[index], index, size, proof[:-1], root)
    first = data.draw(st.integers(1, size))
    old, shown = root_of(made[:first]), consistency_proof(first, made)
    assert is_consistent(first, old, size, root, shown)
    assert not is_consistent(first, sha256(old).digest(), size, root, shown)
    assert not is_consistent(first, old, size, sha256(root).digest(), shown)
    assert not is_consistent(first, old, size, root, [*shown, root])
    if shown:
        assert not is_consistent(first, old, size, root, shown[:-1])
        assert not is_consistent(first, old, size, root, [sha256(shown[0]).digest(), *shown[1:]])


def test_what_is_no_leaf_has_no_proof() -> None:
    for index in (-1, 8):
        with pytest.raises(IndexError, match="there is no such leaf in the tree"):
            inclusion_proof(index, LEAVES)
    for first in (0, 9):
        with pytest.raises(IndexError, match="the earlier tree has at least one leaf, and no more than"):
            consistency_proof(first, LEAVES)
