// @ts-check
// The sequence diagram of the last sign-in. It is an ordered list of buttons: a screen reader reads the steps as text, the style sheet
// draws them as arrows between lanes.

/**
 * @typedef {"browser" | "server" | "provider" | "store"} Lane
 * @typedef {{ from: Lane, to: Lane, label: string, at: number | null, cookies: string[], details: [string, string][] }} Step
 * @typedef {{ lanes: Lane[], phases: { title: string, steps: Step[] }[] }} Sequence
 */

/** @type {Record<Lane, string>} */
const NAMES = { browser: "Browser", server: "Server", provider: "Provider", store: "Store" };

/** Requests the last sign-in of this browser; `null` where the server has none. @returns {Promise<Sequence | null>} */
export async function lastSignIn() {
  const response = await fetch("/api/last-sign-in", { cache: "no-store" }).catch(() => null);
  return response?.ok ? response.json() : null;
}

/** @template {keyof HTMLElementTagNameMap} Tag @param {Tag} tag @param {string} className @param {...(Node | string)} content */
function make(tag, className, ...content) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...content);
  return element;
}

/** Says between whom a step is. @param {Step} step */
const between = ({ from, to }) => (from === to ? NAMES[from] : `${NAMES[from]} to ${NAMES[to]}`);

/** Draws a sign-in into an element, or hides the element where there is none. @param {HTMLElement} root @param {Sequence | null} sequence */
export function draw(root, sequence) {
  root.hidden = sequence === null;
  const [lanes, phases, panel] = ["lanes", "phases", "step-detail"].map((id) => /** @type {HTMLElement} */ (root.querySelector(`#${id}`)));
  lanes.replaceChildren(...(sequence?.lanes ?? []).map((lane) => make("span", "", NAMES[lane])));
  phases.replaceChildren();
  if (!sequence) return;
  root.style.setProperty("--lanes", String(sequence.lanes.length));
  let number = 0;
  for (const { title, steps } of sequence.phases) {
    const list = make("ol", "steps");
    list.start = number + 1;
    // Without its markers, a list needs the role to be read as one by some screen readers.
    list.setAttribute("role", "list");
    for (const step of steps) list.append(stepItem(step, ++number, sequence.lanes, panel));
    phases.append(make("h3", "phase", title), list);
  }
  panel.hidden = true;
}

/** @param {Step} step @param {number} number @param {Lane[]} lanes @param {HTMLElement} panel */
function stepItem(step, number, lanes, panel) {
  const [from, to] = [lanes.indexOf(step.from), lanes.indexOf(step.to)];
  const moment = step.at === null ? "not seen by this server" : `${step.at} ms`;
  const time = make("span", "at", step.at === null ? "–" : moment);
  time.setAttribute("aria-hidden", "true");
  const order = make("span", "number", String(number));
  order.setAttribute("aria-hidden", "true");
  const label = make("span", "label", make("span", "visually-hidden", `${between(step)}: `), make("span", "text", step.label));
  const cookies = step.cookies.map((cookie) => make("span", "cookie", make("span", "visually-hidden", ", "), make("span", "text", cookie)));
  const arrow = make("span", "arrow");
  arrow.setAttribute("aria-hidden", "true");
  const button = make("button", "step", order, time, label, ...cookies, arrow, make("span", "visually-hidden", `, ${moment}`));
  button.type = "button";
  button.dataset.direction = from === to ? "self" : from < to ? "right" : "left";
  if (step.at === null) button.dataset.unseen = "";
  button.style.setProperty("--left", String(Math.min(from, to)));
  button.style.setProperty("--span", String(Math.abs(to - from)));

  const text = make("p", "visually-hidden", step.details.map(([name, value]) => `${name}: ${value}.`).join(" "));
  text.id = `step-${number}-detail`;
  button.setAttribute("aria-describedby", text.id);
  const show = () => showDetail(panel, step, number, button);
  for (const event of ["focus", "click", "pointerenter"]) button.addEventListener(event, show);
  button.addEventListener("keydown", move);
  return make("li", "", button, text);
}

/** Shows a step's details beside the diagram. @param {HTMLElement} panel @param {Step} step @param {number} number @param {HTMLElement} button */
function showDetail(panel, step, number, button) {
  const list = make("dl", "");
  for (const [name, value] of step.details) list.append(make("div", "", make("dt", "", name), make("dd", "", value)));
  panel.hidden = false;
  panel.replaceChildren(make("p", "between", `${number}. ${between(step)}`), make("p", "what", step.label), list);
  for (const other of document.querySelectorAll(".step[data-shown]")) delete /** @type {HTMLElement} */ (other).dataset.shown;
  button.dataset.shown = "";
}

/** Moves the focus among the steps by the arrow keys, Home and End. @param {KeyboardEvent} event */
function move(event) {
  const steps = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".step")]);
  const at = steps.indexOf(/** @type {HTMLElement} */ (event.currentTarget));
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: steps.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  steps[next]?.focus();
}
