// Keeps the page up to date. Without this file everything works: forms are posted and pages are reloaded.

const light = document.getElementById("live");

// Tells the server the browser's zone, in a cookie. The first page of all was drawn without it: where it was drawn in
// another zone it is fetched anew, before anybody reads it.
{
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const place of document.querySelectorAll("[data-browser-zone]")) place.textContent = zone;
  const told = () => document.cookie.split("; ").includes(`browser_zone=${zone}`);
  if (zone && !told()) {
    document.cookie = `browser_zone=${zone}; Path=/; Max-Age=31536000; SameSite=Strict`;
    const { zone: drawn } = document.body.dataset;
    if (drawn && drawn !== zone && told()) location.reload();
  }
}

// Puts a fragment in the place of the element with its id; what had the focus keeps it.
function replace(fresh) {
  const old = document.getElementById(fresh.id);
  if (!old) return;
  for (const folded of old.querySelectorAll("details[id][open]")) {
    const same = fresh.querySelector(`#${CSS.escape(folded.id)}`);
    if (same) same.open = true;
  }
  for (const box of old.querySelectorAll("input[type=checkbox][id]:checked")) {
    const same = fresh.querySelector(`#${CSS.escape(box.id)}`);
    if (same) same.checked = true;
  }
  // A secret that was typed is never sent back by the server.
  for (const field of old.querySelectorAll("[data-secret][id]")) {
    const same = fresh.querySelector(`#${CSS.escape(field.id)}`);
    if (same) same.value = field.value;
  }
  if (old.outerHTML === fresh.outerHTML) return;
  if ("follow" in old.dataset && old.scrollTop < -4) return hold(fresh);
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  const scrolled = [...old.querySelectorAll("[data-scroll]")].map((box) => box.scrollLeft);
  old.replaceWith(fresh);
  fresh.querySelectorAll("[data-scroll]").forEach((box, i) => (box.scrollLeft = scrolled[i] ?? 0));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

// Someone reads above the end of a box that follows: what is new waits until they are back, or ask for it.
const held = new Map();
function hold(fresh) {
  held.set(fresh.id, fresh);
  for (const button of document.querySelectorAll(`[data-catch-up="${fresh.id}"]`)) button.hidden = false;
}

function catchUp(id) {
  const fresh = held.get(id);
  held.delete(id);
  for (const button of document.querySelectorAll(`[data-catch-up="${id}"]`)) button.hidden = true;
  document.getElementById(id).scrollTop = 0;
  if (fresh) replace(fresh);
}

document.addEventListener(
  "scroll",
  ({ target }) => target.id && held.has(target.id) && target.scrollTop >= -4 && catchUp(target.id),
  { capture: true, passive: true },
);

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-catch-up]");
  if (button) catchUp(button.dataset.catchUp);
});

function parsed(html) {
  return keyless(new DOMParser().parseFromString(html, "text/html"));
}

// The key that keeps a form sent twice from working twice: the body has it, for all forms of the page, so that a form
// looks the same whenever it was drawn.
function keyless(page) {
  for (const field of page.querySelectorAll("input[name=key]")) field.remove();
  return page;
}

function shine(state) {
  if (!light) return;
  light.dataset.state = state;
  light.textContent = state === "on" ? light.dataset.on : light.dataset.off;
}

// While the push channel is down the page is asked for every two seconds, and the channel is opened again if it gave up.
let asking;
function poll(down) {
  clearInterval(asking);
  if (down) asking = setInterval(ask, 2000);
}

async function ask() {
  try {
    const answer = await fetch(location.href);
    const page = parsed(await answer.text());
    if (answer.ok && source.readyState !== EventSource.OPEN) take(page);
    if (source.readyState === EventSource.CLOSED) watch();
  } catch {
    // The server is away; the next time may be better.
  }
}

// Takes the fragments of a page, and listens to what that page would listen to.
function take(page) {
  // One inside another comes with it.
  const outermost = [...page.querySelectorAll("[data-fragment]")].filter((fresh) => !fresh.parentElement.closest("[data-fragment]"));
  for (const fresh of outermost) replace(document.adoptNode(fresh));
  const { live } = page.body.dataset;
  if (live && live !== document.body.dataset.live) {
    document.body.dataset.live = live;
    watch();
  }
  arm();
}

// A dialog that comes with the page is made modal: the rest waits until it is answered or left.
function lift() {
  const dialog = document.querySelector("dialog[data-modal][open]:not(:modal)");
  dialog?.close();
  dialog?.showModal();
}

// What is wrong with a form that is explained is marked in its fields.
function mark() {
  for (const said of document.querySelectorAll("[data-wrong]")) {
    const wrong = said.dataset.wrong.split(" ");
    for (const field of said.parentElement.querySelectorAll("input[name]")) field.ariaInvalid = wrong.includes(field.name);
  }
}

// A form over dates is sent when both are there.
function arm() {
  mark();
  lift();
  for (const form of document.querySelectorAll("form[data-dates]")) {
    const empty = [...form.querySelectorAll("input[type=date]")].some((input) => !input.value);
    const button = form.querySelector("button");
    button.disabled = empty || button.hasAttribute("data-busy");
    const { start_date: first, end_date: last } = form.elements;
    for (const day of document.querySelectorAll("a[data-date]")) {
      day.toggleAttribute("data-chosen", first.value !== "" && first.value <= day.dataset.date && day.dataset.date <= last.value);
    }
  }
}

let source;
function watch() {
  source?.close();
  source = new EventSource(document.body.dataset.live);
  source.addEventListener("open", () => shine("on"));
  source.addEventListener("open", () => poll(false));
  source.addEventListener("error", () => {
    shine("off");
    poll(true);
  });
  source.addEventListener("fragment", (message) => {
    const fresh = parsed(JSON.parse(message.data).html).body.firstElementChild;
    if (fresh) replace(document.adoptNode(fresh));
    arm();
  });
}

window.addEventListener("pagehide", () => source?.close());
window.addEventListener("pageshow", (event) => event.persisted && source && watch());

// A form is sent in the background; the answer is the page it would have led to, of which the fragments are taken.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if ((event.submitter?.formMethod || form.method) !== "post") {
    if (form.dataset.wait) form.querySelector("button").textContent = form.dataset.wait;
    document.querySelectorAll(".loading").forEach((line) => (line.hidden = false));
    return;
  }
  if ("whole" in form.dataset) return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  typing?.abort();
  const { confirm: question } = form.dataset;
  const fields = form.elements;
  const asked = question?.replace("{a}", fields.start_date?.value).replace("{b}", fields.end_date?.value);
  if (asked && !confirm(asked)) return;
  form.ariaBusy = "true";
  const data = new FormData(form, event.submitter);
  const body = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
  body.set("key", document.body.dataset.key);
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    const page = parsed(await answer.text());
    // Done, so that the next is another wish, or refused: where it is not known what became of it the key stays.
    if (answer.status < 500 && page.body.dataset.key) document.body.dataset.key = page.body.dataset.key;
    if (answer.redirected && new URL(answer.url).pathname !== location.pathname) return location.assign(answer.url);
    if (answer.redirected) history.replaceState(null, "", answer.url);
    for (const field of form.elements) if (field.type === "checkbox") field.checked = false;
    take(page);
    // The answer may be older than what was pushed meanwhile: the channel begins with the newest.
    if (source) watch();
  } catch {
    shine("off");
  } finally {
    form.ariaBusy = null;
  }
});

document.addEventListener("input", arm);

// What is typed is explained: by the server, when the hand has rested for a moment.
let typing;
document.addEventListener("input", ({ target }) => {
  const form = target.form;
  if (!form?.dataset.explain || !(explained(form)?.includes(target.name) ?? true)) return;
  typing?.abort();
  typing = new AbortController();
  setTimeout(explain, 120, form, typing.signal);
});

// The fields an explanation is about, where a form has others that are not to be sent with it.
const explained = (form) => form.dataset.explainFields?.split(" ");

async function explain(form, signal) {
  if (signal.aborted) return;
  const fields = [...new FormData(form)].filter(([name]) => explained(form)?.includes(name) ?? true);
  try {
    const answer = await fetch(`${form.dataset.explain}&${new URLSearchParams(fields)}`, { signal });
    const fresh = answer.ok && parsed(await answer.text()).body.firstElementChild;
    if (fresh) replace(document.adoptNode(fresh));
    mark();
  } catch {
    // Typed on, or the server is away.
  }
}

// One box for all boxes of its form.
for (const label of document.querySelectorAll("[data-all]")) {
  label.hidden = false;
  const all = label.querySelector("input");
  all.addEventListener("change", () => {
    for (const field of all.form.elements) if (field.type === "checkbox") field.checked = all.checked;
  });
}

// The box of a group stands for all boxes of the group.
document.addEventListener("change", ({ target }) => {
  const boxes = target.closest("[data-group]")?.querySelectorAll("input[type=checkbox]") ?? [];
  const whole = [...boxes].find((box) => "whole" in box.dataset);
  if (target === whole) for (const box of boxes) box.checked = whole.checked;
  else if (whole) whole.checked = [...boxes].every((box) => box === whole || box.checked);
});

// A day of the calendar fills the form: the first click begins a range, a click on a later day ends it.
document.addEventListener("click", (event) => {
  const day = event.target.closest("a[data-date]");
  const form = document.querySelector("form[data-dates]");
  if (!day || !form || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const { start_date: first, end_date: last } = form.elements;
  const { date } = day.dataset;
  if (!first.value || first.value !== last.value || date < first.value) first.value = date;
  last.value = date;
  arm();
});

// A link to other months takes along what stands in the form.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-keeps-dates]");
  const form = document.querySelector("form[data-dates]");
  if (!link || !form) return;
  const to = new URL(link.href);
  for (const { name, value } of form.querySelectorAll("input[type=date]")) to.searchParams.set(name, value);
  link.href = to;
});

// The keys: a list of them is in the page.
document.addEventListener("keydown", (event) => {
  const writing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (writing || event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = document.getElementById("keys");
  if (event.key === "?") keys?.showModal();
  if (keys?.open) return;
  if (event.key === "/") {
    const field = document.querySelector("main [data-search], main input:not([type=hidden]), main select");
    if (field) event.preventDefault();
    field?.focus();
  }
  if (event.key >= "1" && event.key <= "9") document.querySelectorAll(".top nav a")[event.key - 1]?.click();
});

// A link to something folded away unfolds it.
function unfold() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folded = target && target.closest("details");
  if (folded) folded.open = true;
}

window.addEventListener("hashchange", unfold);
unfold();
keyless(document);
arm();
if (document.body.dataset.live) watch();
