"""Where the console's pages, assets and sign-in are."""

from pathlib import Path

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from gateway.console import pages
from gateway.console.config import CALLBACK_PATH
from gateway.console.headers import SecurityHeaders
from gateway.console.sign_in import SignIn

ASSETS = Path(__file__).parent / "assets"


def routes(sign_in: SignIn) -> list[BaseRoute]:
    """The console's routes, for the gateway's application to include."""

    async def home(request: Request) -> Response:
        return RedirectResponse("/console", status_code=302)

    async def console(request: Request) -> Response:
        return pages.console(await sign_in.session(request.scope), sign_in.config.default_query)

    guarded = [Middleware(SecurityHeaders, form_action=sign_in.provider_origin)]
    return [
        Route("/", home, middleware=guarded),
        Route("/console", console, middleware=guarded),
        Mount("/console/assets", StaticFiles(directory=ASSETS), middleware=guarded),
        Route("/auth/login", sign_in.login, methods=["GET"], middleware=guarded),
        Route(CALLBACK_PATH, sign_in.callback, methods=["GET"], middleware=guarded),
        Route("/auth/logout", sign_in.logout, methods=["POST"], middleware=guarded),
    ]
