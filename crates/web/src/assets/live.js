// Keeps the page up to date. Without this file everything works: forms are posted and pages are reloaded.

const light = document.getElementById("live");

// Puts a fragment in the place of the element with its id; what had the focus keeps it.
function replace(fresh) {
  const old = document.getElementById(fresh.id);
  if (!old || old.outerHTML === fresh.outerHTML) return;
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  const scrolled = [...old.querySelectorAll("[data-scroll]")].map((box) => box.scrollLeft);
  old.replaceWith(fresh);
  fresh.querySelectorAll("[data-scroll]").forEach((box, i) => (box.scrollLeft = scrolled[i] ?? 0));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

function shine(state) {
  if (!light) return;
  light.dataset.state = state;
  light.textContent = state === "on" ? light.dataset.on : light.dataset.off;
}

function watch() {
  const source = new EventSource(document.body.dataset.live);
  source.addEventListener("open", () => shine("on"));
  source.addEventListener("error", () => shine("off"));
  source.addEventListener("fragment", (message) => {
    const fresh = parsed(JSON.parse(message.data).html).body.firstElementChild;
    if (fresh) replace(document.adoptNode(fresh));
  });
  window.addEventListener("pagehide", () => source.close(), { once: true });
  window.addEventListener("pageshow", (event) => event.persisted && watch(), { once: true });
}

// A form is sent in the background; the answer is the page it would have led to, of which the fragments are taken.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const page = parsed(await answer.text());
    for (const fresh of page.querySelectorAll("[data-fragment]")) replace(document.adoptNode(fresh));
  } catch {
    shine("off");
  } finally {
    form.ariaBusy = null;
  }
});

// A link to something folded away unfolds it.
function unfold() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folded = target && target.closest("details");
  if (folded) folded.open = true;
}

window.addEventListener("hashchange", unfold);
unfold();
if (document.body.dataset.live) watch();
