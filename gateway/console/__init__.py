"""The practitioners' console: GraphiQL from local assets, signed in by authorization code with PKCE.

The browser holds a session id and never a token; the session, and the access token in it, stay in the gateway.

    sign_in = SignIn(ConsoleConfig(...), where)
    application routes: *routes(sign_in)
    the GraphQL edge:   token = await sign_in.bearer_from_session(scope)

Nothing is loaded from another origin, so the console works where there is no internet.
"""

from gateway.console.config import ConsoleConfig
from gateway.console.routes import routes
from gateway.console.sign_in import SignIn

__all__ = ["ConsoleConfig", "SignIn", "routes"]
