// @ts-check
// Client of Aura's routes for front ends: one function for each route, without dependencies. Copy this file into your project.

/**
 * @typedef {{ sub: string, name?: string | null, image?: string | null, email?: string | null, [claim: string]: unknown }} User
 * @typedef {{ user: User, expires: string }} Session
 *
 * A session in the list of a user's devices; `id` is what `endSession` takes.
 * @typedef {{
 *   id: string, current: boolean, provider: string, device: string, createdAt: string, lastSeenAt: string, expires: string,
 * }} Device
 *
 * Members of every answer. If `success` is false, `error` is the reason.
 * @typedef {{ success: boolean, error?: AuraError }} Answer
 * @typedef {Answer & { redirect: boolean, signInURL: string }} SignInAnswer
 * @typedef {Answer & { redirect: boolean, redirectURL: string | null }} SignOutAnswer
 * @typedef {Answer & { session: Session | null, redirect: boolean, redirectURL: string | null }} UpdateAnswer
 * @typedef {{
 *   accessToken: string, expiresAt?: number, refreshToken?: string, refreshTokenExpiresAt?: number, idToken?: string,
 *   tokenType: string, scopes: string[], issuedAt: number,
 * }} Tokens
 * @typedef {Answer & { tokens: Tokens | null }} TokensAnswer
 *
 * `redirect: true` makes the page navigate to the URL of the answer. Without it, the page stays.
 * @typedef {{ redirect?: boolean, redirectTo?: string }} After
 *
 * @typedef {object} Options
 * @property {string} [baseURL] The server's origin; default: the page's own origin.
 * @property {string} [basePath] The base path of its routes; default: `/auth`.
 * @property {HeadersInit | (() => HeadersInit | Promise<HeadersInit>)} [headers] Headers of every request.
 * @property {typeof globalThis.fetch} [fetch] The function that performs requests.
 * @property {RequestCache} [cache] Default: `no-store`.
 * @property {RequestCredentials} [credentials] Default: `include`.
 * @property {RequestMode} [mode]
 * @property {(error: AuraError) => void} [onError]
 *   Called with every failure; default: the console. If it throws, the called function throws too, instead of
 *   returning `null` or `success: false`.
 */

/** Error of a request. */
export class AuraError extends Error {
  /**
   * @param {string} message A sentence for users.
   * @param {{ code: string, reason?: string, status?: number, details?: unknown, cause?: unknown }} more
   */
  constructor(message, { code, reason, status, details, cause }) {
    super(message, { cause });
    this.name = "AuraError";
    /** The code of the server, or one of `CLIENT_BASE_URL_MISSING`, `CLIENT_UNREACHABLE`, `CLIENT_BAD_ANSWER`. */
    this.code = code;
    /** The diagnosed cause, more specific than the code. */
    this.reason = reason;
    /** The HTTP status, if there was an answer. */
    this.status = status;
    /** The invalid parameters. */
    this.details = details;
  }
}

/** @param {Options} [options] */
export function createAuthClient(options = {}) {
  const { basePath = "/auth", onError = console.error } = options;
  const origin = options.baseURL ?? globalThis.location?.origin;
  if (!origin) {
    throw new AuraError("Say where the server is: outside browsers, baseURL is required.", { code: "CLIENT_BASE_URL_MISSING" });
  }
  const base = origin.replace(/\/+$/, "") + basePath.replace(/\/+$/, "");

  /** Sends a request. @param {string} path @param {RequestInit} init @param {Record<string, string | undefined>} query */
  async function send(path, init, query) {
    const { fetch = globalThis.fetch, cache = "no-store", credentials = "include", mode } = options;
    const said = Object.entries(query).filter(([, value]) => value !== undefined);
    const search = new URLSearchParams(/** @type {[string, string][]} */ (said)).toString();
    const headers = new Headers(typeof options.headers === "function" ? await options.headers() : options.headers);
    new Headers(init.headers).forEach((value, name) => headers.set(name, value));
    try {
      return await fetch(base + path + (search && `?${search}`), { cache, credentials, mode, ...init, headers });
    } catch (cause) {
      throw new AuraError("The server cannot be reached.", { code: "CLIENT_UNREACHABLE", cause });
    }
  }

  /**
   * Requests a route, and returns the members of its answer, or its list.
   * @param {string} path @param {RequestInit} [init] @param {Record<string, string | undefined>} [query]
   * @param {"object" | "list"} [content]
   */
  async function ask(path, init = {}, query = {}, content = "object") {
    const response = await send(path, init, query);
    const answer = await response.json().catch(() => null);
    const { status } = response;
    const isExpected = Array.isArray(answer) === (content === "list" && response.ok);
    if (answer === null || typeof answer !== "object" || !isExpected) {
      throw new AuraError(`The server answered ${status}, without a reason.`, { code: "CLIENT_BAD_ANSWER", status });
    }
    if (response.ok && answer.success !== false) return answer;
    const { code, message } = { ...answer, ...(typeof answer.error === "object" ? answer.error : {}) };
    const text = typeof message === "string" ? message : `The server answered ${status}.`;
    const { reason, details } = answer;
    throw new AuraError(text, { code: typeof code === "string" ? code : "CLIENT_REFUSED", reason, details, status });
  }

  /**
   * Requests a route that changes something. The CSRF token is bound to the session, so it is fetched when needed.
   * @param {string} method @param {string} path @param {Record<string, string | undefined>} [query] @param {unknown} [body]
   */
  async function act(method, path, query, body) {
    const headers = { "X-CSRF-Token": await getToken(), ...(body === undefined ? {} : { "Content-Type": "application/json" }) };
    return ask(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) }, query);
  }

  /** @returns {Promise<string>} */
  async function getToken() {
    return text((await ask("/csrfToken")).csrfToken);
  }

  /** Runs an action, and returns the result for failures if it fails, unless `onError` throws. @template T
   * @param {() => Promise<T>} action @param {(error: AuraError) => T} otherwise */
  async function guarded(action, otherwise) {
    try {
      return await action();
    } catch (cause) {
      const error = cause instanceof AuraError ? cause : new AuraError(String(cause), { code: "CLIENT_FAILED", cause });
      onError(error);
      return otherwise(error);
    }
  }

  return {
    /** Returns the session, or `null` without one. @returns {Promise<Session | null>} */
    getSession: () => guarded(async () => {
      try {
        return asSession(await ask("/session"));
      } catch (error) {
        // A missing session is an answer, not a failure. Some servers answer it with a success.
        const isAnswer = error instanceof AuraError && error.code !== "CLIENT_BAD_ANSWER";
        if (isAnswer && (error.status === 401 || error.status === 200)) return null;
        throw error;
      }
    }, () => null),

    /** Returns the token for a form's hidden field `csrfToken`. @returns {Promise<string | null>} */
    csrfToken: () => guarded(getToken, () => null),

    /** Begins a sign-in. @param {string} provider @param {After} [after] @returns {Promise<SignInAnswer>} */
    signIn: (provider, { redirect, redirectTo } = {}) => guarded(async () => {
      const answer = await ask(`/signIn/${segment(provider)}`, {}, { redirectTo, redirect: "false" });
      const signInURL = webPage(answer.signInURL);
      if (redirect === true) globalThis.location.assign(signInURL);
      return { ...answer, success: true, redirect: redirect === true, signInURL };
    }, (error) => ({ success: false, redirect: false, signInURL: "/", error })),

    /** Ends the session. @param {After} [after] @returns {Promise<SignOutAnswer>} */
    signOut: ({ redirect, redirectTo } = {}) => guarded(async () => {
      const query = { redirectTo, redirect: "false", token_type_hint: "session_token" };
      return leave(await act("POST", "/signOut", query), redirect);
    }, (error) => ({ success: false, redirect: false, redirectURL: "/", error })),

    /**
     * Changes the editable members of the session.
     * @param {{ session: { user?: Partial<User>, expires?: string | number | Date } } & After} change
     * @returns {Promise<UpdateAnswer>}
     */
    updateSession: ({ session: { user, expires }, redirect, redirectTo }) => guarded(async () => {
      const answer = await act("PATCH", "/session", { redirectTo, redirect: "false" }, { user, expires });
      return { ...leave(answer, redirect), session: asSession(answer) };
    }, (error) => ({ success: false, session: null, redirect: false, redirectURL: null, error })),

    /** Lists the devices on which the user is signed in, where the site stores sessions. @returns {Promise<Device[] | null>} */
    getSessions: () => guarded(async () => (await ask("/sessions", {}, {}, "list")).map(asDevice), () => null),

    /** Ends one session of the list. @param {string} id @returns {Promise<boolean>} */
    endSession: (id) => guarded(async () => Boolean(await act("DELETE", `/sessions/${segment(id, "session")}`)), () => false),

    /** Ends the user's sessions except this one. @returns {Promise<boolean>} */
    endOtherSessions: () => guarded(async () => Boolean(await act("DELETE", "/sessions")), () => false),

    /** Ends all of the user's sessions, this one included. @returns {Promise<boolean>} */
    endAllSessions: () => guarded(async () => Boolean(await act("DELETE", "/sessions", { current: "true" })), () => false),

    /** @param {string} provider @returns {Promise<TokensAnswer>} */
    getProviderTokens: (provider) => guarded(() => ask(`/providers/${segment(provider)}/tokens`),
      (error) => ({ success: false, tokens: null, error })),

    /** @param {string} provider @returns {Promise<string | null>} */
    getAccessToken: (provider) => guarded(
      async () => text((await ask(`/providers/${segment(provider)}/tokens`)).tokens?.accessToken), () => null),

    /** Requests the profile from the provider again. @param {string} provider @returns {Promise<Session | null>} */
    refreshUserInfo: (provider) => guarded(
      async () => asSession(await act("POST", `/providers/${segment(provider)}/user/refresh`)), () => null),

    /** Revokes the tokens at the provider. @param {string} provider @returns {Promise<boolean>} */
    revokeToken: (provider) => guarded(
      async () => Boolean(await act("POST", `/providers/${segment(provider)}/tokens/revoke`)), () => false),

    /** Deletes the provider's tokens without revoking them. @param {string} provider @returns {Promise<boolean>} */
    disconnectProvider: (provider) => guarded(
      async () => Boolean(await act("DELETE", `/providers/${segment(provider)}`)), () => false),

    /** @param {string} provider @returns {Promise<boolean>} */
    isProviderConnected: (provider) => guarded(
      async () => (await ask(`/providers/${segment(provider)}`)).connected === true, () => false),
  };
}

/** @param {string} what @returns {never} */
function badAnswer(what) {
  throw new AuraError(`The server's answer has no ${what}.`, { code: "CLIENT_BAD_ANSWER" });
}

/** @param {unknown} value @returns {string} */
function text(value) {
  return typeof value === "string" && value !== "" ? value : badAnswer("token");
}

/** Reads a session from the answers of both generations of servers. @param {any} answer @returns {Session} */
function asSession(answer) {
  const { user, expires } = answer.session ?? answer;
  return typeof user?.sub === "string" && typeof expires === "string" ? { user, expires } : badAnswer("session");
}

/** @param {any} entry @returns {Device} */
function asDevice(entry) {
  const texts = [entry?.id, entry?.provider, entry?.device, entry?.createdAt, entry?.lastSeenAt, entry?.expires];
  const isDevice = typeof entry?.current === "boolean" && texts.every((member) => typeof member === "string");
  return isDevice ? entry : badAnswer("list of sessions");
}

/** A page must not run what a server sends as a script. @param {unknown} url @returns {string} */
function webPage(url) {
  const isWebPage = typeof url === "string" && /^(https?:\/\/|\/(?![/\\]))[^\s\\\p{Cc}]*$/iu.test(url);
  return isWebPage ? url : badAnswer("URL that a page can go to");
}

/** Goes where the answer says, if the caller wants that. @param {any} answer @param {boolean} [redirect] */
function leave(answer, redirect) {
  const redirectURL = typeof answer.redirectURL === "string" ? webPage(answer.redirectURL) : null;
  const goes = redirect === true && redirectURL !== null;
  if (goes) globalThis.location.assign(redirectURL);
  return { ...answer, success: true, redirect: goes, redirectURL };
}

/** Encodes an id for a path, where `.` and `..` would be another route. @param {string} id @param {"provider" | "session"} [of] */
function segment(id, of = "provider") {
  if (/^\.{0,2}$/.test(id)) throw new AuraError(`No ${of} can have this id.`, { code: `CLIENT_${of.toUpperCase()}_ID` });
  return encodeURIComponent(id);
}
