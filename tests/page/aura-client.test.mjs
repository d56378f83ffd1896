// Tests of the page's client: its requests follow the contract, and its results are those that front ends expect. Run by `node --test`.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { afterEach, test } from "node:test";

// Imported as text: without a package.json beside it, older versions of node do not treat the file as a module.
const source = await readFile(new URL("../../examples/shared/page/aura-client.js", import.meta.url), "utf8");
const { AuraError, createAuthClient } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

const SESSION = { user: { sub: "1", name: "Ada" }, expires: "2026-10-06T14:13:20.000Z" };
const TOKEN = { "GET /auth/csrfToken": [200, { csrfToken: "h.p.s" }] };
const REFUSAL = { type: "AUTH_FLOW", code: "CSRF_TOKEN_MISMATCH", message: "It is another's.", reason: "csrf_token_mismatch", success: false };

/** A client whose server gives these answers, by method and path, and what it was asked. */
function given(answers, options = {}) {
  const asked = [];
  const errors = [];
  const fetch = async (url, init) => {
    const { pathname, search } = new URL(url);
    const method = init.method ?? "GET";
    asked.push({ line: `${method} ${pathname}${search}`, init });
    const answer = answers[`${method} ${pathname}`];
    if (!answer) throw new TypeError("unreachable");
    const [status, body] = answer;
    return new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
  };
  const client = createAuthClient({ baseURL: "https://app.test", fetch, onError: (error) => errors.push(error), ...options });
  return { client, asked, errors, lines: () => asked.map(({ line }) => line) };
}

/** Where the page goes. */
function watchedLocation() {
  const gone = [];
  globalThis.location = { origin: "https://app.test", assign: (url) => gone.push(url) };
  return gone;
}

afterEach(() => { delete globalThis.location; });

test("a session is read from servers of both generations", async () => {
  for (const body of [SESSION, { success: true, session: SESSION }, { ...SESSION, success: true, session: SESSION }]) {
    const { client } = given({ "GET /auth/session": [200, body] });
    assert.deepEqual(await client.getSession(), SESSION);
  }
});

test("nobody is null, without an error", async () => {
  for (const [status, body] of [
    [401, { authenticated: false, message: "Unauthorized" }], [401, { success: false, session: null }], [200, { success: false, session: null }],
  ]) {
    const { client, errors } = given({ "GET /auth/session": [status, body] });
    assert.equal(await client.getSession(), null);
    assert.deepEqual(errors, []);
  }
});

test("a session that cannot be read is null, and an error is heard", async () => {
  for (const [answer, code] of [
    [undefined, "CLIENT_UNREACHABLE"], [[502, "<h1>Down</h1>"], "CLIENT_BAD_ANSWER"], [[401, "no"], "CLIENT_BAD_ANSWER"],
    [[200, { success: true, session: { user: {} } }], "CLIENT_BAD_ANSWER"], [[500, {}], "CLIENT_REFUSED"],
  ]) {
    const { client, errors } = given({ "GET /auth/session": answer });
    assert.equal(await client.getSession(), null);
    assert.deepEqual(errors.map((error) => error.code), [code]);
  }
});

test("where onError throws, so does every function", async () => {
  const { client } = given({}, { onError: (error) => { throw error; } });
  await assert.rejects(client.getSession(), AuraError);
  await assert.rejects(client.signIn("dev"), { code: "CLIENT_UNREACHABLE" });
  await assert.rejects(client.isProviderConnected("dev"), { code: "CLIENT_UNREACHABLE" });
});

test("requests carry cookies and are never answered from a cache", async () => {
  const { client, asked } = given({ "GET /auth/session": [200, SESSION] }, { headers: async () => ({ "X-Trace": "7" }) });
  await client.getSession();
  const { cache, credentials, headers } = asked[0].init;
  assert.deepEqual([cache, credentials, headers.get("x-trace")], ["no-store", "include", "7"]);
});

test("sign-in asks for the URL, and goes there only where asked to", async () => {
  const signInURL = "https://app.test/auth/signIn/dev?redirectTo=%2Fhome";
  const answers = { "GET /auth/signIn/dev": [200, { success: true, redirect: false, signInURL }] };
  const gone = watchedLocation();
  const { client, lines } = given(answers);
  assert.deepEqual(await client.signIn("dev", { redirectTo: "/home" }), { success: true, redirect: false, signInURL });
  assert.deepEqual(gone, []);
  assert.equal((await client.signIn("dev", { redirect: true })).redirect, true);
  assert.deepEqual(gone, [signInURL]);
  // Undefined parameters are left out.
  assert.deepEqual(lines(), ["GET /auth/signIn/dev?redirectTo=%2Fhome&redirect=false", "GET /auth/signIn/dev?redirect=false"]);
});

test("a page never goes to a script or to another host in disguise", async () => {
  for (const signInURL of ["javascript:alert(1)", "data:text/html,x", "//evil.test", "/\\evil.test", "/\t/evil.test", " https://a.test", "", null, 7]) {
    const gone = watchedLocation();
    const { client, errors } = given({ "GET /auth/signIn/dev": [200, { success: true, signInURL }] });
    const { error, ...answer } = await client.signIn("dev", { redirect: true });
    assert.deepEqual(answer, { success: false, redirect: false, signInURL: "/" });
    assert.deepEqual([gone, errors], [[], [error]], String(signInURL));
  }
});

test("sign-out presents a fresh token and says where to go", async () => {
  const gone = watchedLocation();
  const answers = { ...TOKEN, "POST /auth/signOut": [202, { success: true, redirect: false, redirectURL: "/bye" }] };
  const { client, asked, lines } = given(answers);
  assert.deepEqual(await client.signOut({ redirectTo: "/bye" }), { success: true, redirect: false, redirectURL: "/bye" });
  assert.deepEqual(lines(), ["GET /auth/csrfToken", "POST /auth/signOut?redirectTo=%2Fbye&redirect=false&token_type_hint=session_token"]);
  const { headers, body } = asked[1].init;
  assert.deepEqual([headers.get("x-csrf-token"), body], ["h.p.s", undefined]);
  assert.equal((await client.signOut({ redirect: true, redirectTo: "/bye" })).redirect, true);
  assert.deepEqual(gone, ["/bye"]);
});

test("without a token, nothing that changes anything is asked", async () => {
  const { client, lines, errors } = given({ "GET /auth/csrfToken": [200, {}] });
  const { error, ...answer } = await client.signOut();
  assert.deepEqual(answer, { success: false, redirect: false, redirectURL: "/" });
  assert.deepEqual(lines(), ["GET /auth/csrfToken"]);
  assert.deepEqual(errors, [error]);
});

test("a refusal says code, reason and status", async () => {
  const { client, errors } = given({ ...TOKEN, "POST /auth/signOut": [403, REFUSAL] });
  const { error } = await client.signOut();
  const { code, reason, status, message } = error;
  assert.deepEqual([code, reason, status, message], ["CSRF_TOKEN_MISMATCH", "csrf_token_mismatch", 403, "It is another's."]);
  assert.deepEqual(errors, [error]);
});

test("an update is JSON and answers the session as it is then", async () => {
  const answers = { ...TOKEN, "PATCH /auth/session": [200, { success: true, session: SESSION, redirect: false, redirectURL: null }] };
  const { client, asked, lines } = given(answers);
  const answer = await client.updateSession({ session: { user: { name: "Ada" } } });
  assert.deepEqual(answer, { success: true, session: SESSION, redirect: false, redirectURL: null });
  assert.equal(lines()[1], "PATCH /auth/session?redirect=false");
  assert.equal(asked[1].init.headers.get("content-type"), "application/json");
  assert.deepEqual(JSON.parse(asked[1].init.body), { user: { name: "Ada" } });
});

test("the provider's routes answer values", async () => {
  const tokens = { accessToken: "at", tokenType: "Bearer", scopes: [], issuedAt: 5 };
  const { client, lines } = given({
    ...TOKEN,
    "GET /auth/providers/dev": [200, { success: true, connected: true }],
    "GET /auth/providers/dev/tokens": [200, { success: true, tokens }],
    "POST /auth/providers/dev/user/refresh": [200, { success: true, session: SESSION }],
    "POST /auth/providers/dev/tokens/revoke": [200, { success: true }],
    "DELETE /auth/providers/dev": [200, { success: true }],
  });
  assert.equal(await client.isProviderConnected("dev"), true);
  assert.deepEqual(await client.getProviderTokens("dev"), { success: true, tokens });
  assert.equal(await client.getAccessToken("dev"), "at");
  assert.deepEqual(await client.refreshUserInfo("dev"), SESSION);
  assert.equal(await client.revokeToken("dev"), true);
  assert.equal(await client.disconnectProvider("dev"), true);
  assert.equal(lines().filter((line) => line.endsWith("csrfToken")).length, 3);
});

test("the provider's routes answer failures in kind", async () => {
  const { client, errors } = given({});
  assert.equal(await client.isProviderConnected("dev"), false);
  const { error, ...answer } = await client.getProviderTokens("dev");
  assert.deepEqual(answer, { success: false, tokens: null });
  assert.equal(await client.getAccessToken("dev"), null);
  assert.equal(await client.refreshUserInfo("dev"), null);
  assert.equal(await client.revokeToken("dev"), false);
  assert.equal(await client.disconnectProvider("dev"), false);
  assert.deepEqual([errors.length, errors[1]], [6, error]);
});

const DEVICE = {
  id: "k3", current: true, provider: "dev", device: "Firefox on Linux",
  createdAt: "2026-10-06T14:13:20.000Z", lastSeenAt: "2026-10-06T14:13:20.000Z", expires: "2026-10-13T14:13:20.000Z",
};

test("devices are listed, and ended one by one, all others, or all", async () => {
  const { client, asked, lines } = given({
    ...TOKEN,
    "GET /auth/sessions": [200, [DEVICE]],
    "DELETE /auth/sessions/a%2Fb": [200, { success: true }],
    "DELETE /auth/sessions": [200, { success: true }],
  });
  assert.deepEqual(await client.getSessions(), [DEVICE]);
  assert.deepEqual([await client.endSession("a/b"), await client.endOtherSessions(), await client.endAllSessions()], [true, true, true]);
  const changed = asked.filter(({ init }) => init.method === "DELETE");
  assert.deepEqual(changed.map(({ init }) => init.headers.get("x-csrf-token")), ["h.p.s", "h.p.s", "h.p.s"]);
  const deleted = lines().filter((line) => line.startsWith("DELETE"));
  assert.deepEqual(deleted, ["DELETE /auth/sessions/a%2Fb", "DELETE /auth/sessions", "DELETE /auth/sessions?current=true"]);
});

test("a list that is none is null, and a session that is not ended is false", async () => {
  const { createdAt, ...incomplete } = DEVICE;
  for (const [answer, code] of [
    [undefined, "CLIENT_UNREACHABLE"], [[200, {}], "CLIENT_BAD_ANSWER"], [[200, "null"], "CLIENT_BAD_ANSWER"], [[200, [7]], "CLIENT_BAD_ANSWER"],
    [[200, [null]], "CLIENT_BAD_ANSWER"], [[200, [incomplete]], "CLIENT_BAD_ANSWER"], [[404, { code: "NOT_FOUND" }], "NOT_FOUND"],
    [[401, []], "CLIENT_BAD_ANSWER"],
  ]) {
    const { client, errors } = given({ "GET /auth/sessions": answer });
    assert.equal(await client.getSessions(), null);
    assert.deepEqual(errors.map((error) => error.code), [code]);
  }
  const { client, errors } = given({ ...TOKEN, "DELETE /auth/sessions": [503, { success: false, code: "DOWN" }] });
  assert.deepEqual([await client.endOtherSessions(), await client.endAllSessions(), await client.endSession("..")], [false, false, false]);
  assert.deepEqual(errors.map((error) => error.code), ["DOWN", "DOWN", "CLIENT_SESSION_ID"]);
});

test("ids are encoded, and none leads to another route", async () => {
  const { client, lines, errors } = given({});
  await client.isProviderConnected("a/../b?c#d");
  for (const id of ["", ".", ".."]) assert.equal(await client.isProviderConnected(id), false);
  assert.deepEqual(lines(), ["GET /auth/providers/a%2F..%2Fb%3Fc%23d"]);
  assert.deepEqual(errors.map((error) => error.code), ["CLIENT_UNREACHABLE", ...Array(3).fill("CLIENT_PROVIDER_ID")]);
});

test("the server is where the page is, or where it is said to be, path included", async () => {
  assert.throws(() => createAuthClient(), { code: "CLIENT_BASE_URL_MISSING" });
  watchedLocation();
  const own = given({ "GET /auth/session": [200, SESSION] }, { baseURL: undefined });
  assert.deepEqual(await own.client.getSession(), SESSION);
  const deep = given({ "GET /v1/api/auth/session": [200, SESSION] }, { baseURL: "https://app.test/v1/", basePath: "/api/auth/" });
  assert.deepEqual(await deep.client.getSession(), SESSION);
});
