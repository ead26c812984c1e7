"""The console's pages and assets: nothing from elsewhere, nothing inline, everything there."""

import hashlib
import re

import pytest

from gateway.console.pages import PURPOSES
from gateway.console.routes import ASSETS
from tests.console.browser import World, sign_in

PATHS = ["/", "/console", "/console/assets/console.js", "/auth/callback", "/auth/login"]


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_carries_the_policy(world: World, path: str) -> None:
    async with world.browser() as browser:
        headers = (await browser.get(path)).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": "'self' http://127.0.0.1:9000",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == ("no-cache" if path.endswith(".js") else "no-store")


async def test_home_leads_to_the_console(world: World) -> None:
    async with world.browser() as browser:
        answer = await browser.get("/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/console")


async def test_every_reference_is_local_and_exists(world: World) -> None:
    async with world.browser() as browser:
        pages = [await browser.get("/console"), await browser.get("/auth/callback")]
        await sign_in(browser)
        pages.append(await browser.get("/console"))
        references = {found for page in pages for found in re.findall(r'(?:src|href)="([^"]*)"', page.text)}
        assets = {path for path in references if path.startswith("/console/assets/")}
        assert references - assets == {"/auth/login"}
        assert {"graphiql.min.js", "console.js", "react.production.min.js"} <= {path.split("/")[-1] for path in assets}
        types = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
        for path in sorted(assets):
            answer = await browser.get(path)
            assert answer.status_code == 200, path
            assert answer.headers["content-type"].partition(";")[0] == types[path[path.rindex(".") :]]
            again = await browser.get(path, headers={"if-none-match": answer.headers["etag"]})
            assert again.status_code == 304


async def test_pages_hold_no_inline_script_and_escape_what_they_show(world: World) -> None:
    async with world.browser() as browser:
        pages = [await browser.get("/console"), await browser.get("/auth/callback"), await sign_in(browser)]
        pages.append(await browser.get("/console"))
    for page in pages:
        assert all(re.search(r'\bsrc="/console/assets/', tag) for tag in re.findall(r"<script[^>]*>", page.text))
        assert not re.search(r"\son\w+=|javascript:|style=", page.text)
    assert 'data-query="query { agencies { code } } # &#34;&gt;&lt;script&gt;' in pages[-1].text


async def test_the_purposes_are_offered_in_words_and_none_is_chosen(world: World) -> None:
    async with world.browser() as browser:
        await sign_in(browser)
        page = (await browser.get("/console")).text
    offered = re.findall(r'<option value="(\w*)"( selected)?>([^<]+)</option>', page)
    assert offered[0][:2] == ("", " selected")
    assert [(code, words) for code, _, words in offered[1:]] == [tuple(purpose) for purpose in PURPOSES]
    codes = ["TRIAGE", "EH", "CIN", "S47", "CPP", "EMERG", "SCHOOL", "AUDIT"]
    assert [purpose.code for purpose in PURPOSES] == codes


def test_vendored_files_are_those_that_the_readme_names() -> None:
    readme = (ASSETS / "README.md").read_text()
    named = dict(reversed(pair) for pair in re.findall(r"^ {4}([0-9a-f]{64}) {2}(\S+)$", readme, re.MULTILINE))
    assert named.keys() == {path.name for path in ASSETS.glob("*.min.*")}
    for name, digest in named.items():
        assert hashlib.sha256((ASSETS / name).read_bytes()).hexdigest() == digest, name
    for path in ASSETS.iterdir():
        assert path.name == "README.md" or f"`{path.name}`" in readme, path.name


def test_styles_and_our_script_load_nothing_from_elsewhere() -> None:
    for name in ("console.css", "graphiql.min.css"):
        text = (ASSETS / name).read_text()
        assert "@import" not in text
        assert "@font-face" not in text
        assert all(url.startswith("data:image/") for url in re.findall(r"url\([\"']?([^)]{0,20})", text))
    script = (ASSETS / "console.js").read_text()
    assert not re.search(r"https?:|innerHTML|localStorage[.\[]|\beval\b", script)
    for header in ("cps-console", "cps-purpose"):
        assert f'headers.set("{header}"' in script
