// The desk's field: scans are sent one after the other, each under a key of its own, and kept until they are answered.
"use strict";

const form = document.getElementById("scan");
const field = form.elements.code;
const log = document.getElementById("log");
const at = (id) => document.getElementById(id);
/** Milliseconds: how long a reader's turn lasts without a scan, an answer is waited for, a digit stays alone. */
const TURN = 120000, PATIENCE = 15000, ALONE = 700;
const LINES = 200;
/** What a letter does, alone in the field or with Alt. */
const LETTERS = new Map([["u", { undoes: true }], ["p", { prints: true }]]);

/* What is not answered yet, and whose turn it is: kept in this window, apart for each login. */
const PLACE = "desk:" + form.dataset.clerk;
const state = { queue: [], reader: "", name: "", since: 0, ...read(PLACE) };

function read(place) {
  try { return JSON.parse(sessionStorage.getItem(place)) || {}; } catch { return {}; }
}

function keep() {
  sessionStorage.setItem(PLACE, JSON.stringify(state));
}

/* The queue. */
let isSending = false, trouble = "", failures = 0, later = 0;

/** Put a scan, or what else is to happen in turn, behind those that wait. */
function push(scan) {
  const key = [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
  state.queue.push({ key, at: Date.now(), ...scan });
  keep();
  expect(state.queue.at(-1));
  at("lapsed").hidden = true;
  tell();
  send();
}

/** Show that a scan waits for its answer. */
function expect({ key, fields }) {
  if (!fields) return;
  const line = at("waiting").content.firstElementChild.cloneNode(true);
  line.dataset.key = key;
  line.querySelector(".title").textContent = fields.code || "";
  log.prepend(line);
  at("empty").hidden = true;
}

async function send() {
  if (isSending || trouble === "ended") return;
  isSending = true;
  clearTimeout(later);
  while (state.queue.length) {
    const scan = state.queue[0];
    if (scan.ends) turn("", "");
    if (scan.undoes) aim(scan);
    if (scan.prints) printLast();
    if (scan.fields) {
      address(scan);
      const line = await answer(scan);
      if (!line) break;
      put(scan, line);
    }
    state.queue.shift();
    keep();
    if (!state.queue.length) document.body.dispatchEvent(new Event("scanned"));
  }
  isSending = false;
  tell();
  wait();
}

/** Have what undoes the last undo what is the last now. */
function aim(scan) {
  const last = log.querySelector("[data-is-mine] .undo");
  scan.undoes = false;
  if (!last) return;
  Object.assign(scan, { path: last.getAttribute("action"), fields: told(last) });
  last.remove();
  keep();
  expect(scan);
}

/** Open the paper of the last book that has one. */
function printLast() {
  const paper = log.querySelector("[data-is-mine] .papers a");
  if (paper) open(paper.href);
}

/** Give a scan the reader whose turn it was when it was made; sent again it stays the same. */
function address(scan) {
  if (scan.isAddressed) return;
  scan.isAddressed = true;
  if (state.reader && scan.at - state.since > TURN) turn("", "");
  if (state.reader && !scan.fields.action) {
    scan.fields.reader = state.reader;
    state.since = scan.at;
  }
  keep();
}

/** Return the line that a scan is answered with, nothing as long as there is no answer. */
async function answer(scan) {
  const body = new URLSearchParams({ ...scan.fields, key: scan.key, line: "1", form_token: form.elements.form_token.value });
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  try {
    const told = await fetch(scan.path, { method: "POST", body, redirect: "manual", signal: patience.signal });
    if (told.type === "opaqueredirect" || [400, 401, 403].includes(told.status)) return fail("ended");
    if (told.status >= 500 || [408, 425, 429].includes(told.status)) return fail("offline");
    const line = told.ok || [409, 422].includes(told.status) ? item(await told.text()) : null;
    // A conflict that is told in a line of the log is final; any other may be over the next time.
    if (!line && told.status === 409) return fail("offline");
    trouble = "";
    failures = 0;
    return line || refusal(scan);
  } catch {
    return fail("offline");
  } finally {
    clearTimeout(timer);
  }
}

function fail(name) {
  trouble = name;
  failures += 1;
  if (name === "offline") later = setTimeout(send, Math.min(30000, 500 * 2 ** failures));
  return null;
}

function item(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.querySelector("li.scan");
}

function refusal(scan) {
  const line = at("refused").content.firstElementChild.cloneNode(true);
  line.querySelector(".title").textContent = scan.fields.code || "";
  return line;
}

/** Put an answer where its scan stands in the log. */
function put(scan, line) {
  line.dataset.isMine = "1";
  const waits = log.querySelector(`[data-key="${scan.key}"]`);
  if (waits) waits.replaceWith(line); else log.prepend(line);
  if (line.dataset.id) {
    for (const undo of log.querySelectorAll(`[data-id="${line.dataset.id}"] .undo`)) if (!line.contains(undo)) undo.remove();
  }
  while (log.children.length > LINES) log.lastElementChild.remove();
  if (line.dataset.reader && !scan.fields.action) {
    state.since = scan.at;
    turn(line.dataset.reader, line.dataset.name);
  }
  sound(line.dataset.word);
}

/** Say what is not sent, and why. */
function tell() {
  for (const name of ["offline", "ended"]) {
    at(name).hidden = trouble !== name;
    at(name).querySelector("b").textContent = state.queue.length;
  }
}

/* Whose turn it is. */
let lapses = 0;

function turn(reader, name) {
  state.reader = reader;
  state.name = name;
  keep();
  at("standing").hidden = !reader;
  at("standing").querySelector("b").textContent = name;
}

/** Have the turn end by itself, unless scans wait that were made in it. */
function wait() {
  clearTimeout(lapses);
  if (!state.reader || state.queue.length) return;
  lapses = setTimeout(() => {
    if (state.queue.length) return;
    turn("", "");
    at("lapsed").hidden = false;
  }, Math.max(0, state.since + TURN - Date.now()));
}

/* What is typed. An input method gets a scanner's letters too: the keys themselves say what was scanned. */
const SIGNS = { Minus: "-", NumpadSubtract: "-", Period: ".", NumpadDecimal: ".", Slash: "/", NumpadDivide: "/", Space: "" };
const SILENT = ["Shift", "CapsLock", "Control", "Alt", "Meta"];
let keys = [], isComposed = false, isSure = true, isOpen = false, drops = false, takesAfter = false, alone = 0;

function forget() {
  keys = [];
  isComposed = false;
  isSure = true;
}

function note(event, isComposing) {
  const sign = isComposing ? physical(event) : event.key.length === 1 ? event.key : SILENT.includes(event.key) ? "" : null;
  if (isComposing) isComposed = true;
  if (event.code === "Backspace") keys.pop();
  else if (sign === null || event.ctrlKey || event.metaKey) isSure = false;
  else if (sign) keys.push(sign);
}

/** Return what a key says on a scanner's keyboard, null if that is not sure. */
function physical(event) {
  const found = /^(?:Key([A-Z])|(?:Digit|Numpad)([0-9]))$/.exec(event.code);
  if (found && found[1]) return event.shiftKey ? found[1] : found[1].toLowerCase();
  if (found) return event.shiftKey ? null : found[2];
  if (event.code in SIGNS && !event.shiftKey) return SIGNS[event.code];
  return /^(Shift|Control|Alt|Meta|CapsLock)/.test(event.code) ? "" : null;
}

document.addEventListener("keydown", (event) => {
  const isComposing = event.isComposing || event.keyCode === 229;
  const letter = event.altKey && LETTERS.get(event.code.slice(3).toLowerCase());
  if (letter) {
    event.preventDefault();
    push(letter);
    return;
  }
  if (event.target !== field) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.key === " " || (event.key.length !== 1 && !isComposing)) {
      if (event.key === "Escape") escape();
      return;
    }
    field.focus();
  }
  if (event.code === "Enter" || event.code === "NumpadEnter" || event.key === "Enter") {
    if (!isComposing) return;
    event.preventDefault();
    if (isSure && keys.length) { drops = isOpen; take(); } else if (isOpen) takesAfter = true; else take();
  } else if (event.key === "Escape" && !isComposing) {
    escape();
  } else if (event.key !== "Tab") {
    note(event, isComposing);
  }
}, true);

field.addEventListener("compositionstart", () => { isComposed = isOpen = true; });
field.addEventListener("compositionend", () => {
  isOpen = false;
  if (drops) field.value = "";
  drops = false;
  if (takesAfter) { takesAfter = false; take(); }
});
for (const name of ["paste", "cut", "drop", "mouseup"]) field.addEventListener(name, () => { isSure = isSure && !field.value && name === "mouseup"; });
field.addEventListener("input", (event) => {
  if (!field.value && !event.isComposing) forget();
  clearTimeout(alone);
  if (!event.isComposing && chosen(field.value)) alone = setTimeout(take, ALONE);
});

/** Take what stands in the field: a code, a letter that does something, or the number of a choice. */
function take() {
  clearTimeout(alone);
  const code = (isComposed && isSure && keys.length ? keys.join("") : field.value).normalize("NFKC").trim();
  if (!drops) field.value = "";
  forget();
  if (LETTERS.has(code.toLowerCase())) push(LETTERS.get(code.toLowerCase()));
  else if (chosen(code)) chosen(code).click();
  else if (code) {
    const action = form.elements.action.value;
    push({ path: form.getAttribute("action"), fields: action ? { code, action } : { code } });
  }
}

/** Return the button of this number among the choices that stand open: those of the newest line. */
function chosen(digit) {
  const sign = digit.normalize("NFKC").trim();
  if (!/^[1-9]$/.test(sign) || state.queue.length || !log.firstElementChild) return null;
  return log.firstElementChild.querySelectorAll(".choices button")[sign - 1] || null;
}

function escape() {
  if (field.value) field.value = "";
  else if (state.reader) push({ ends: true });
  forget();
}

/** Return what a form of the log says; the page itself knows whose turn it is. */
function told(sent, button) {
  const fields = Object.fromEntries(new FormData(sent));
  if (button && button.name) fields[button.name] = button.value;
  for (const name of ["form_token", "key", "reader", "action"]) delete fields[name];
  return fields;
}

/* Forms: the field itself, and the buttons of the log, all through the queue. */
document.addEventListener("submit", (event) => {
  const sent = event.target;
  if (sent === form) {
    event.preventDefault();
    take();
  } else if (log.contains(sent)) {
    event.preventDefault();
    sent.remove();
    push({ path: sent.getAttribute("action"), fields: told(sent, event.submitter) });
  } else {
    leaves = true;
  }
  field.focus();
});
at("end").addEventListener("click", (event) => { event.preventDefault(); push({ ends: true }); field.focus(); });
form.addEventListener("change", (event) => { if (event.target !== field) field.focus(); });
document.addEventListener("click", (event) => {
  if (event.target.closest("a")) leaves = leaves || !event.target.closest("[target]");
  else if (!event.target.closest("button, label, summary, input") && !String(getSelection())) field.focus();
});

/* Sound: browsers want a click or a key before the first one. */
const TONES = { done: [[880, 0, 0.08], [1320, 0.08, 0.12]], look: [[620, 0, 0.1], [620, 0.16, 0.1]], no: [[170, 0, 0.4]] };
let audio = null, isLoud = localStorage.getItem("desk-sound") === "on";

function sound(name) {
  if (!isLoud || !TONES[name]) return;
  audio = audio || new AudioContext();
  for (const [pitch, after, length] of TONES[name]) {
    const tone = audio.createOscillator(), strength = audio.createGain();
    tone.frequency.value = pitch;
    strength.gain.value = 0.2;
    tone.connect(strength).connect(audio.destination);
    tone.start(audio.currentTime + after);
    tone.stop(audio.currentTime + after + length);
  }
}

function loud(is) {
  isLoud = is;
  localStorage.setItem("desk-sound", is ? "on" : "off");
  const [start, silence] = at("sound").children;
  start.hidden = is;
  silence.hidden = !is;
}

at("sound").addEventListener("click", () => { loud(!isLoud); sound("done"); field.focus(); });

/* Leaving with scans that are not sent; coming back to them. */
let leaves = false;
addEventListener("beforeunload", (event) => { if (state.queue.length && !leaves) event.preventDefault(); });
addEventListener("online", send);

at("sound").hidden = at("keys").hidden = false;
loud(isLoud);
if (form.elements.reader.value) {
  state.since = Date.now();
  turn(form.elements.reader.value, at("standing").querySelector("b").textContent);
} else if (state.reader && (state.queue.length || Date.now() - state.since < TURN)) turn(state.reader, state.name);
else turn("", "");
const others = Object.keys(sessionStorage).filter((place) => place.startsWith("desk:") && place !== PLACE);
const waiting = others.map((place) => (read(place).queue || []).length).reduce((sum, one) => sum + one, 0);
at("others").hidden = !waiting;
at("others").querySelector("b").textContent = waiting;
field.focus();
state.queue.forEach(expect);
send();
