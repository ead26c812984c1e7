"""TLS to an agency: its certificate is checked, and its connection is kept."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.errors import SubgraphError
from gateway.execution import Answer, SubgraphTransport, Target, target
from tests.transport.agency import BODY, GOOD
from tests.transport.asking import LIMITS


def certificate(folder: Path, name: str, *, expired: bool = False) -> Path:
    """A key and a certificate of its own signing for this name, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    begins = now - dt.timedelta(days=2)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(now - dt.timedelta(days=1) if expired else now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@asynccontextmanager
async def agency(path: Path) -> AsyncIterator[tuple[Target, list[int]]]:
    """Answers each request; the list counts them by connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    requests: list[int] = []
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(0)
        writers.append(writer)
        number = len(requests) - 1
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n{}")
                requests[number] += 1
                writer.write(GOOD)
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context, limit=1_000_000)
    yield target(f"https://localhost:{server.sockets[0].getsockname()[1]}/"), requests
    server.close()
    for writer in writers:
        writer.transport.abort()
    await asyncio.sleep(0.01)


def trusting(path: Path) -> SubgraphTransport:
    return SubgraphTransport(LIMITS, ssl.create_default_context(cafile=str(path)))


async def test_an_agency_that_is_who_it_says(tmp_path: Path) -> None:
    path = certificate(tmp_path, "localhost")
    async with agency(path) as (to, requests):
        transport = trusting(path)
        for _ in range(3):
            assert await transport.post(to, b"{}", b"", again=True) == Answer(200, "application/json", BODY)
        assert requests == [3]
        await transport.close()


async def test_a_large_request_that_was_taken_leaves_its_connection_for_the_next(tmp_path: Path) -> None:
    path = certificate(tmp_path, "localhost")
    async with agency(path) as (to, requests):
        transport = trusting(path)
        for _ in range(3):
            await transport.post(to, b" " * 100_000 + b"\r\n\r\n{}", b"", again=True)
        assert len(requests) == 1
        await transport.close()


@pytest.mark.parametrize("wrong", ["another's name", "expired", "not trusted"])
async def test_an_agency_that_is_not(tmp_path: Path, wrong: str) -> None:
    path = certificate(
        tmp_path, "elsewhere.example" if wrong == "another's name" else "localhost", expired=wrong == "expired"
    )
    async with agency(path) as (to, requests):
        transport = SubgraphTransport(LIMITS) if wrong == "not trusted" else trusting(path)
        with pytest.raises(SubgraphError) as caught:  # noqa: PT011 - what it says is looked at
            await transport.post(to, b"{}", b"", again=True)
        assert caught.value.reason == "UNREACHABLE"
        assert sum(requests) == 0
        await transport.close()
