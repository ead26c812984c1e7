"""Checking an exported log by its proof: `cps audit verify --export`. It needs no log, only the key of its heads."""

from __future__ import annotations

import csv
from hashlib import sha256
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from gateway.audit.cells import cell, plain
from gateway.audit.checkpoint import Checkpoint, read_checkpoint
from gateway.audit.export import COLUMNS, EARLIER_COLUMNS, QUOTED, earlier_cell, proof_path, readable
from gateway.audit.verify import Broken, Verified, add_leaf, root_of
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MAX_LINE: Final = 16 * 1024 * 1024
MAX_PROOF: Final = 1024 * 1024
TOLD_EVERY: Final = 10_000
_UNREADABLE: Final = (ValueError, KeyError, TypeError, AttributeError, OverflowError)
_ENTRY: Final = b',"entry":'


class _Leaf(NamedTuple):
    number: int
    nonce: bytes
    hash: bytes
    body: bytes
    operation: str


class _Proof(NamedTuple):
    form: str
    first: int
    peaks: list[tuple[int, bytes]]
    head: Checkpoint
    quoted: bool


def verify_export(
    path: Path, verifier_keys: list[str], older: str | None = None, progress: Callable[[int], None] | None = None
) -> Verified:
    """Check every line, that none is missing, and the signed head. Memory does not grow with the file.

    Raises `Broken` at the first leaf that is wrong, and `ConfigError` where a file is missing or no key fits.
    """
    try:
        proof = _proof(path, verifier_keys)
        heads = [proof.head, *([read_checkpoint(older, verifier_keys)] if older is not None else [])]
        if any(head.size < proof.first for head in heads):
            raise ConfigError("the older head is of before the first leaf of the export: it can't be held against it")
        heads.sort(key=lambda head: head.size)
        if proof.form == "csv":
            with path.open("r", encoding="utf-8", newline="") as rows:
                return _verified(_of_csv(rows, proof.first, quoted=proof.quoted), proof, heads, progress)
        with path.open("rb") as lines:
            return _verified(_of_ndjson(lines, proof.first), proof, heads, progress)
    except OSError as error:
        raise ConfigError(f"the export can't be read: {error.strerror}") from error


def _verified(
    leaves: Iterator[_Leaf], proof: _Proof, heads: list[Checkpoint], progress: Callable[[int], None] | None
) -> Verified:
    peaks, index, waiting, good = list(proof.peaks), proof.first, list(heads), proof.first
    while True:
        while waiting and waiting[0].size == index:
            if waiting.pop(0).root != root_of(peaks):
                raise Broken(good, "here or after it, the export is not the log that was signed")
            good = index
        leaf = next(leaves, None)
        if leaf is None:
            break
        if leaf.number != index:
            raise Broken(index, "it is not there")
        if sha256(b"\x00" + leaf.nonce + leaf.body).digest() != leaf.hash:
            raise Broken(index, "its entry is not the one that was written")
        named = orjson.loads(leaf.body).get("operation_hash")
        if (named or leaf.operation) and sha256(leaf.operation.encode()).hexdigest() != named:
            raise Broken(index, "the text of its operation is not the one that was written")
        add_leaf(peaks, leaf.hash)
        index += 1
        if progress is not None and index % TOLD_EVERY == 0:
            progress(index)
    if waiting:
        raise Broken(index, f"the export ends here; its head was signed over {waiting[-1].size} leaves")
    if index > proof.head.size:
        raise Broken(proof.head.size, "it is not under the head that was signed")
    return Verified(index - proof.first, root_of(peaks).hex(), len(heads), 0)


def _proof(path: Path, verifier_keys: list[str]) -> _Proof:
    beside = proof_path(path)
    if not path.is_file() or not beside.is_file():
        raise ConfigError(f"there is no export at `{path}` with its proof, `{beside.name}`, beside it")
    with beside.open("rb") as file:
        text = file.read(MAX_PROOF + 1)
    try:
        found = orjson.loads(text[:MAX_PROOF])
        form, first, head = found["format"], found["first"], found["head"]
        quoted = found.get("cells") == QUOTED
        peaks = [(size, bytes.fromhex(root)) for size, root in found["peaks"]]
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"`{beside.name}` is no proof of an export") from None
    sizes = [1 << bit for bit in range(63, -1, -1) if type(first) is int and first >> bit & 1]
    if form not in ("ndjson", "csv") or type(first) is not int or first < 0 or type(head) is not str:
        raise ConfigError(f"`{beside.name}` is no proof of an export")
    if [size for size, _ in peaks] != sizes:
        raise ConfigError(f"`{beside.name}` is no proof of an export that begins at leaf {first}")
    return _Proof(form, first, peaks, read_checkpoint(head, verifier_keys), quoted)


def _of_ndjson(file: IO[bytes], first: int) -> Iterator[_Leaf]:
    index = first
    while line := file.readline(MAX_LINE):
        raw = line.removesuffix(b"\n")
        try:
            found = orjson.loads(raw)
            body = raw[raw.index(_ENTRY) + len(_ENTRY) : -1]
            if sorted(found) != ["entry", "hash", "nonce", "number", "operation"] or found["entry"] != orjson.loads(
                body
            ):
                raise ValueError
            leaf = _leaf(found, body)
        except _UNREADABLE:
            raise Broken(index, "it can't be read") from None
        yield leaf
        index += 1


def _of_csv(file: IO[str], first: int, *, quoted: bool) -> Iterator[_Leaf]:
    csv.field_size_limit(MAX_LINE)
    index = first - 1
    columns: tuple[str, ...] = COLUMNS
    try:
        for index, row in enumerate(csv.reader(file, strict=True), first - 1):
            if index < first:
                columns = tuple(row)
                if columns not in (COLUMNS, EARLIER_COLUMNS):
                    raise ConfigError("the export has other columns than one of ours")
                continue
            found: dict[str, Any] = dict(zip(columns, row, strict=True))
            if quoted:
                operation, body, written = plain(found["operation"]), plain(found["entry"]), cell
            else:  # an operation begins with a word, never with a quote
                operation, body, written = found["operation"].removeprefix("'"), found["entry"], earlier_cell
            leaf = _leaf({**found, "number": int(found["number"]), "operation": operation}, body.encode())
            told = readable(index, orjson.loads(leaf.body), leaf.operation, written, columns)
            if leaf.number == index and told != tuple(row[:-3]):
                raise Broken(index, "what its row says is not what its entry says")
            yield leaf
    except (*_UNREADABLE, csv.Error):
        raise Broken(max(index, first), "it can't be read") from None


def _leaf(found: dict[str, Any], body: bytes) -> _Leaf:
    nonce, hashed = bytes.fromhex(found["nonce"]), bytes.fromhex(found["hash"])
    if type(found["number"]) is not int or type(found["operation"]) is not str:
        raise ValueError
    return _Leaf(found["number"], nonce, hashed, body, found["operation"])
