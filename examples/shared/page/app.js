// @ts-check
// The front end of the demo: it requests the session, begins a sign-in, signs out, and lists the user's devices.

import { AuraError, createAuthClient } from "./aura-client.js";
import { draw, lastSignIn } from "./sequence.js";

/**
 * @typedef {import("./aura-client.js").User} User
 * @typedef {import("./aura-client.js").Session} Session
 * @typedef {import("./aura-client.js").Device} Device
 * @typedef {{ id: string, name: string }} Provider
 */

/** Notes on a provider, shown beside its button. */
const HINTS = new Map([["dev", "Embedded in this demo: made-up accounts, no password."]]);

/** Explanations of the error codes that users see. */
const SIGN_IN_ERRORS = new Map([
  ["AUTH_PROVIDER_REJECTED", "It was cancelled, or the provider refused it."],
  ["AUTH_TRANSACTION_EXPIRED", "It took longer than ten minutes."],
  ["AUTH_MISMATCHING_STATE", "The answer does not belong to a sign-in of this browser."],
  ["COOKIE_NOT_FOUND", "The browser sent no cookie."],
  ["COOKIE_INVALID_VALUE", "This browser has no sign-in under way."],
]);

// --- The server ---

/** Throws every error, for `attempt` to show. */
const auth = createAuthClient({ onError: (error) => { throw error; } });

/** @returns {Promise<Provider[]>} */
async function configuredProviders() {
  const response = await fetch("/api/providers", { cache: "no-store" }).catch(() => null);
  if (!response?.ok) throw new Error("The server does not say who the providers are: is it running?");
  return response.json();
}

/** Lists the user's devices; `null` where the demo keeps sessions in cookies. @returns {Promise<Device[] | null>} */
async function storedSessions() {
  try {
    return await auth.getSessions();
  } catch (error) {
    if (error instanceof AuraError && error.status === 404) return null;
    throw error;
  }
}

// --- The page ---

/** @param {string} id */
function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element;
}

/** @param {"signed-out" | "signed-in" | "failed"} state @param {import("./sequence.js").Sequence | null} [sequence] */
function enter(state, sequence = null) {
  draw(byId("sequence"), sequence);
  byId("app").dataset.state = state;
  for (const id of ["signed-out", "signed-in", "failed"]) byId(id).hidden = id !== state;
}

/** Announces a text politely (`status`) or at once (`alert`). @param {"status" | "alert"} role @param {string} text */
function say(role, text) {
  byId("status").setAttribute("role", role);
  byId("status").textContent = text;
}

/** @param {Provider} provider */
function providerItem(provider) {
  const item = document.createElement("li");
  const button = Object.assign(document.createElement("button"), {
    id: `sign-in-${provider.id}`, className: "button", type: "button", textContent: `Sign in with ${provider.name}`,
  });
  const begin = () => auth.signIn(provider.id, { redirect: true, redirectTo: "/" });
  button.addEventListener("click", () => attempt(begin, "Try again, or choose another provider."));
  item.append(button);
  const text = HINTS.get(provider.id);
  if (text) {
    const hint = { id: `${button.id}-hint`, className: "hint", textContent: text };
    button.setAttribute("aria-describedby", hint.id);
    item.append(Object.assign(document.createElement("p"), hint));
  }
  return item;
}

/** @param {User} user */
function picture({ sub, name, email, image }) {
  const words = (name || email || sub).split(/\s+/).filter(Boolean);
  const initials = words.slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
  // The policy of this page allows no picture of another site.
  if (!image?.startsWith("data:image/")) return initials;
  const img = new Image();
  img.alt = "";
  img.addEventListener("error", () => img.replaceWith(initials));
  img.src = image;
  return img;
}

async function showSignedOut() {
  const providers = await configuredProviders();
  byId("providers").replaceChildren(...providers.map(providerItem));
  for (const id of ["user-picture", "user-name", "user-email", "session-expires", "session-json"]) byId(id).textContent = "";
  byId("device-list").replaceChildren();
  // A sign-in that failed is shown where its error is.
  enter("signed-out", new URL(location.href).searchParams.has("error") ? await lastSignIn() : null);
}

/** @param {string} text */
const moment = (text) => {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  return Object.assign(document.createElement("time"), { dateTime: text, textContent: format.format(new Date(text)) });
};

/** @param {Device} device */
function deviceItem({ id, current, device, provider, createdAt, lastSeenAt }) {
  const item = document.createElement("li");
  item.dataset.current = String(current);
  const about = document.createElement("div");
  const name = Object.assign(document.createElement("strong"), { textContent: device || "Unknown device" });
  const times = document.createElement("p");
  times.append(`Signed in with ${provider} `, moment(createdAt), ", last seen ", moment(lastSeenAt));
  about.append(name, ...(current ? [" (this device)"] : []), times);
  const button = Object.assign(document.createElement("button"), { className: "button quiet", type: "button", textContent: "Sign out" });
  // A screen reader hears which of the buttons this is.
  const which = `${name.textContent}${current ? ", this device" : ""}, signed in ${times.querySelector("time")?.textContent}`;
  button.setAttribute("aria-label", `Sign out ${which}`);
  button.addEventListener("click", () => end(() => auth.endSession(id), `${name.textContent} is signed out.`));
  item.append(about, button);
  return item;
}

/** Ends sessions, and shows what is left. @param {() => Promise<unknown>} action @param {string} done */
function end(action, done) {
  return attempt(async () => {
    await action();
    await show();
    say("status", done);
    // The button that had the focus may be gone.
    byId(byId("signed-in").hidden ? "signed-out-title" : "devices-title").focus();
  }, "The session may go on: try again.");
}

/** Cuts a picture that is in a `data:` URL: nobody reads it. @param {string} _ @param {unknown} value */
function shortened(_, value) {
  return typeof value === "string" && value.startsWith("data:") ? value.replace(/,[^]*/, ",…") : value;
}

/** @param {Session} session */
async function showSignedIn(session) {
  const [devices, sequence] = await Promise.all([storedSessions(), lastSignIn()]);
  const { user, expires } = session;
  byId("user-picture").replaceChildren(picture(user));
  byId("user-name").textContent = user.name || user.email || user.sub;
  byId("user-email").textContent = user.email ?? "";
  byId("session-expires").setAttribute("datetime", expires);
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });
  byId("session-expires").textContent = format.format(new Date(expires));
  byId("session-json").textContent = JSON.stringify(session, shortened, 2);
  byId("devices").hidden = devices === null;
  byId("device-list").replaceChildren(...(devices ?? []).map(deviceItem));
  byId("end-others").hidden = !devices?.some(({ current }) => !current);
  enter("signed-in", sequence);
}

async function show() {
  try {
    const session = await auth.getSession();
    await (session ? showSignedIn(session) : showSignedOut());
  } catch (error) {
    enter("failed");
    throw error;
  }
}

/** Performs an action, or shows the error and its remedy. @param {() => Promise<unknown>} action @param {string} remedy */
async function attempt(action, remedy) {
  say("status", "");
  try {
    await action();
  } catch (error) {
    say("alert", `${error instanceof Error ? error.message : error} ${remedy}`);
  }
}

/** Shows the `error` parameter of the address once: a reload does not show it again. */
function showErrorOfAddress() {
  const address = new URL(location.href);
  const code = address.searchParams.get("error");
  if (code === null) return;
  // Anyone can write a link to this page, so only a value in the form of a code is shown.
  const shown = /^[\w.-]{1,64}$/.test(code) ? code : "unknown error";
  say("alert", `Sign-in failed (${shown}). ${SIGN_IN_ERRORS.get(code) ?? "The server's log says why."} Try again.`);
  // With it came what a link to try again would need; the buttons of this page are there anyway.
  for (const name of ["error", "reason", "refusal", "provider", "redirectTo"]) address.searchParams.delete(name);
  history.replaceState(null, "", address);
}

const load = () => attempt(() => show().then(showErrorOfAddress), "Try again.");

byId("try-again").addEventListener("click", load);
byId("sign-out").addEventListener("click", () => attempt(async () => {
  // If the sign-out ends the session at the provider too, the browser goes there, and from there back to this page.
  const { redirect } = await auth.signOut({ redirect: true });
  if (redirect) return;
  await show();
  say("status", "You are signed out.");
  // The button that had the focus is gone.
  byId("signed-out-title").focus();
}, "You may still be signed in: try again."));

byId("end-others").addEventListener("click", () => end(auth.endOtherSessions, "All other devices are signed out."));
byId("end-all").addEventListener("click", () => end(auth.endAllSessions, "You are signed out everywhere."));

// Also fires when Back brings the page out of the browser's memory, where its session may be outdated.
addEventListener("pageshow", load);
