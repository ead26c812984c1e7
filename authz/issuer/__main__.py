"""`python -m authz.issuer`: serves the issuer on a loopback port until it is stopped."""

import socket
from dataclasses import replace
from pathlib import Path

import click
import uvicorn

from authz.issuer.app import create_app
from authz.issuer.errors import SettingsError
from authz.issuer.people import load_clients, load_people
from authz.issuer.settings import Settings

_FILE = click.Path(path_type=Path)


@click.command(name="python -m authz.issuer")
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address; any other is refused.")
@click.option("--port", type=click.IntRange(0, 65535), default=9000, show_default=True, help="0 takes a free port.")
@click.option("--people", type=_FILE, required=True, help="JSON: the people to sign in as.")
@click.option("--clients", type=_FILE, required=True, help="JSON: the clients, their secrets and redirect addresses.")
@click.option("--audience", default="cps", show_default=True, help="The `aud` of access tokens.")
@click.option("--token-seconds", type=int, default=3600, show_default=True, help="The life of a token.")
def main(host: str, port: int, people: Path, clients: Path, audience: str, token_seconds: int) -> None:
    """A development OpenID Connect issuer: anyone who reaches it signs in as anyone, so it stays on loopback."""
    try:
        settings = Settings(
            people=load_people(people),
            clients=load_clients(clients),
            host=host,
            port=port,
            audience=audience,
            token_seconds=token_seconds,
        )
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise click.ClickException(f"can't listen on `{settings.issuer}`: {error.strerror}") from error
    settings = replace(settings, port=listener.getsockname()[1])
    # No access log: it would hold the queries of sign-ins.
    config = uvicorn.Config(create_app(settings), access_log=False, log_level="warning", server_header=False)
    click.echo(f"issuer ready at {settings.issuer}")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
