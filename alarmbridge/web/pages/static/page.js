// Keeps a page alive: looks again when the server says that something moved, says when it cannot
// be heard, and shows times in the viewer's zone. Everything works without it, by loading anew.
"use strict";

const SILENT_AFTER = 40000; // the server beats every 15 s
const PAUSE = 400;

const body = () => document.body;
let heardAt = Date.now();
let due = null;
let looking = false;

function showTimes(root) {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
  for (const time of root.querySelectorAll("time[datetime]")) {
    time.textContent = format.format(new Date(time.dateTime));
  }
}

function tellConnection(lost) {
  document.getElementById("connection").hidden = !lost;
}

function isBusy() {
  // Somebody types or chooses: what he has not sent yet must not go.
  const fields = document.querySelectorAll("#main input:not([type=hidden]), #main select, #main textarea");
  return [...fields].some((field) =>
    field.options
      ? [...field.options].some((one) => one.selected !== one.defaultSelected && (one.defaultSelected || one.index > 0))
      : field.value !== field.defaultValue || field.checked !== field.defaultChecked,
  );
}

function replace(fresh) {
  const main = document.getElementById("main");
  const focused = document.activeElement && document.activeElement.id;
  const open = [...main.querySelectorAll("details[id][open]")].map((one) => one.id);
  const known = new Set([...main.querySelectorAll("tr a")].map((one) => one.getAttribute("href")));
  main.replaceChildren(...fresh.getElementById("main").childNodes);
  for (const id of open) {
    const details = document.getElementById(id);
    if (details) details.open = true;
  }
  for (const link of main.querySelectorAll("tr a")) {
    if (!known.has(link.getAttribute("href"))) link.closest("tr").classList.add("fresh");
  }
  if (focused && document.activeElement.id !== focused) {
    const again = document.getElementById(focused);
    if (again) again.focus({ preventScroll: true });
  }
  document.title = fresh.title;
  showTimes(main);
  tellNews();
}

function tellNews() {
  const summary = document.getElementById("summary");
  const news = document.getElementById("news");
  if (summary && news.textContent !== summary.textContent) news.textContent = summary.textContent;
}

async function look(forced = false) {
  due = null;
  if (looking) return schedule(2000);
  const busy = !forced && isBusy();
  document.getElementById("waiting").hidden = !busy;
  if (busy) return schedule(2000);
  looking = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (answer.status === 401) return location.reload();
    if (answer.ok) replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    tellConnection(true);
  } finally {
    looking = false;
  }
}

function schedule(wait) {
  // What takes the archive seconds to count is not counted anew for each event.
  if (body().dataset.still !== undefined) return;
  if (due === null) due = setTimeout(() => look(), wait);
}

function listen() {
  const source = new EventSource(body().dataset.live);
  const hear = () => {
    heardAt = Date.now();
    tellConnection(false);
  };
  source.addEventListener("open", hear);
  source.addEventListener("beat", hear);
  source.addEventListener("changed", () => {
    hear();
    schedule(PAUSE);
  });
  source.addEventListener("error", () => {
    tellConnection(true);
    // A browser gives up for good after some answers; then it has to be asked anew.
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(async () => {
        source.close();
        listen();
        schedule(PAUSE);
      }, 5000);
    }
  });
}

function switchTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
}

const chosen = localStorage.getItem("theme");
if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;

document.addEventListener("DOMContentLoaded", () => {
  const theme = document.getElementById("theme");
  theme.hidden = false;
  theme.addEventListener("click", switchTheme);
  document.getElementById("show").addEventListener("click", () => look(true));
  document.getElementById("zone").textContent = "in your zone, " + Intl.DateTimeFormat().resolvedOptions().timeZone;
  showTimes(document);
  if (!document.querySelector("nav[aria-label=Pages]")) return;
  listen();
  setInterval(() => {
    if (Date.now() - heardAt > SILENT_AFTER) tellConnection(true);
  }, 5000);
});
