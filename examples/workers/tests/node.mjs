// The site as WebAssembly in node, whose fetch API is that of the platform: `node --test tests/node.mjs`, after `build.sh`.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const pkg = new URL(process.env.AURA_WORKERS_PKG ?? "../pkg/", import.meta.url);
const { initSync, Site } = await import(new URL("aura_example_workers.js", pkg));
initSync({ module: new WebAssembly.Module(readFileSync(new URL("aura_example_workers_bg.wasm", pkg))) });

const ORIGIN = "https://app.test";
const ENV = {
    AURA_AUTH_SECRET: "Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK",
    AURA_AUTH_SALT: "q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d",
    BASE_URL: ORIGIN,
    GITHUB_CLIENT_ID: "client-id",
    GITHUB_CLIENT_SECRET: "client-secret",
};

/** Has GitHub answer, and returns the requests that it gets. */
function github(answers) {
    const asked = [];
    globalThis.fetch = async (request) => {
        asked.push({ url: request.url, method: request.method, redirect: request.redirect, body: await request.text() });
        const answer = answers[new URL(request.url).pathname];
        if (answer === undefined) throw new TypeError("fetch failed");
        return new Response(JSON.stringify(answer), { headers: { "content-type": "application/json" } });
    };
    return asked;
}

const cookies = (response) => response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");
const get = (site, path, cookie = "") => site.fetch(new Request(`${ORIGIN}${path}`, { headers: { cookie } }));

async function signIn(site) {
    const begun = await get(site, "/auth/signIn/github?redirectTo=/account");
    assert.equal(begun.status, 302);
    const state = new URL(begun.headers.get("location")).searchParams.get("state");
    return get(site, `/auth/callback/github?code=c0de&state=${state}`, cookies(begun));
}

test("a configuration that lacks a variable is refused by a sentence", () => {
    assert.throws(() => new Site({}), (error) => error === "AURA_AUTH_SECRET is not set");
});

test("a user signs in, and several requests are answered at once", async () => {
    const asked = github({
        "/login/oauth/access_token": { access_token: "gho_x", token_type: "bearer" },
        "/user": { id: 583231, login: "ada" },
        "/user/emails": [{ email: "ada@example.com", primary: true, verified: true }],
    });
    const site = new Site(ENV);
    assert.equal((await get(site, "/account")).status, 401);
    const arrived = await signIn(site);
    assert.deepEqual([arrived.status, arrived.headers.get("location")], [302, "/account"]);
    const paths = asked.map(({ method, url }) => `${method} ${new URL(url).pathname}`);
    assert.deepEqual(paths, ["POST /login/oauth/access_token", "GET /user", "GET /user/emails"]);
    assert.ok(asked.every(({ redirect }) => redirect === "manual"), "a redirect is an answer");
    assert.match(asked[0].body, /code=c0de/);

    const pages = await Promise.all([get(site, "/account", cookies(arrived)), get(site, "/", cookies(arrived))]);
    const texts = await Promise.all(pages.map((page) => page.text()));
    assert.deepEqual(texts, ["The account of 583231.", "You are signed in as 583231."]);
});

test("a body is read, and a request without a CSRF token is refused", async () => {
    const body = new URLSearchParams({ token_type_hint: "session_token" });
    const answer = await new Site(ENV).fetch(new Request(`${ORIGIN}/auth/signOut`, { method: "POST", body }));
    assert.equal(answer.status, 403);
    assert.match(await answer.text(), /csrf/i);
});

test("a provider that cannot be reached fails the sign-in alone", async () => {
    github({});
    const failed = await signIn(new Site(ENV));
    assert.equal(failed.status, 502);
    assert.equal((await failed.json()).reason, "token_unreachable");
});
