// What the tests stand on: the real binary beside simulated upstreams, in a folder of its own, and Debian's Chromium.

import { spawn } from "node:child_process";
import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const binary = process.env.SYNCLINE_BIN ?? new URL("../target/debug/syncline", import.meta.url).pathname;
const shots = new URL("shots/", import.meta.url).pathname;

// The longest a healthy machine needs for anything here, however busy it is.
export const PATIENCE = 60_000;

// Starts the binary; `said` answers the first line that matches, and fails with what was printed when none comes.
function start(folder, args, own = {}) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SYNCLINE_")));
  const child = spawn(binary, args, { cwd: folder, env: { ...env, ...own, LC_ALL: "C" }, stdio: ["ignore", "pipe", "pipe"] });
  const lines = [];
  const waiting = [];
  const take = (line) => {
    lines.push(line);
    for (const { pattern, found } of waiting) if (pattern.test(line)) found(line.match(pattern));
  };
  createInterface({ input: child.stdout }).on("line", take);
  createInterface({ input: child.stderr }).on("line", take);
  const ended = new Promise((resolve) => child.on("exit", resolve));
  const said = (pattern) => {
    const before = lines.find((line) => pattern.test(line));
    if (before) return Promise.resolve(before.match(pattern));
    return new Promise((found, failed) => {
      const fail = (why) => failed(new Error(`${args.join(" ")} ${why}; it said:\n${lines.join("\n")}`));
      const patience = setTimeout(() => fail(`never said ${pattern}`), PATIENCE);
      waiting.push({ pattern, found: (match) => (clearTimeout(patience), found(match)) });
      ended.then(() => fail(`ended before it said ${pattern}`));
    });
  };
  const stop = (signal) => (child.kill(signal), ended);
  return { said, stop };
}

// Looks until something is there; a test never waits longer than that.
export async function until(what, look) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; ) {
    const found = await look();
    if (found) return found;
  }
  throw new Error(`not in time: ${what}`);
}

// A server with a market, a racing season and a call platform of its own.
export async function site({ stocks = 60, season = 2025, tasksPerDay = 2 } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "syncline-browser-"));
  const upstream = start(folder, [
    ..."simulate baostock --listen 127.0.0.1:0 --control 127.0.0.1:0".split(" "),
    ...["--stocks", String(stocks)],
  ]);
  const [, market] = await upstream.said(/(127\.0\.0\.1:\d+)/);
  const [, control] = await upstream.said(/control: (http:\/\/[^/]+)/);
  const jolpica = start(folder, ["simulate", "jolpica", "--listen", "127.0.0.1:0", "--season", String(season)]);
  const [, races] = await jolpica.said(/control: (http:\/\/[^/]+)/);
  const guanke = start(folder, ["simulate", "guanke", "--listen", "127.0.0.1:0", "--tasks-per-day", String(tasksPerDay)]);
  const [, calls] = await guanke.said(/control: (http:\/\/[^/]+)/);
  const serve = async (listen) => {
    const server = start(folder, ["serve", "--listen", listen, "--data-dir", "data", "--stocks-upstream", market], {
      SYNCLINE_RACES_UPSTREAM: races,
      SYNCLINE_TASKS_UPSTREAM: calls,
      GUANKE_USERNAME: "sim-user",
      GUANKE_PASSWORD: "sim-pass",
    });
    const [, url] = await server.said(/(http:\/\/127\.0\.0\.1:\d+)/);
    return { server, url };
  };
  const put = async (where, what) => {
    const answer = await fetch(where, { method: "PUT", body: JSON.stringify(what) });
    if (!answer.ok) throw new Error(await answer.text());
  };
  let { server, url } = await serve("127.0.0.1:0");
  return {
    url,
    faults: (switches) => put(`${control}/faults`, switches),
    // What goes wrong with the races, and their simulated time; null when all is over.
    raceFaults: (faults) => put(`${races}/-/faults`, faults),
    raceTime: (time) => put(`${races}/-/time`, time),
    // What goes wrong with the call platform, and its packages.
    taskFaults: (...faults) => put(`${calls}/__sim/faults`, faults),
    packages: async () => (await fetch(`${calls}/__sim/packages.csv`)).text(),
    async import(csv) {
      const headers = { "content-type": "text/csv" };
      const answer = await fetch(`${url}/api/v1/tasks/packages/import`, { method: "POST", headers, body: csv });
      if (!answer.ok) throw new Error(await answer.text());
    },
    async json(path, body) {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(url + path, body && { method: "POST", headers, body: JSON.stringify(body) });
      return answer.json();
    },
    // A command, as an operator types it; fails when it does.
    async command(...args) {
      const child = start(folder, [...args, "--server", url]);
      await child.said(/./);
      const code = await child.stop(0);
      if (code !== 0) throw new Error(`${args.join(" ")} exited ${code}`);
    },
    die: () => server.stop("SIGKILL"),
    async rise() {
      ({ server } = await serve(url.replace("http://", "")));
    },
    async close() {
      await server.stop("SIGKILL");
      await Promise.all([upstream, jolpica, guanke].map(({ stop }) => stop("SIGKILL")));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

let browser;

// A page of its own, with nothing remembered, of somebody in the server's zone unless said otherwise. What the page's script threw fails the test at `ended`.
export async function open(options = {}) {
  browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, timezoneId: "Asia/Shanghai", ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const thrown = [];
  page.on("pageerror", (error) => thrown.push(String(error)));
  page.on("console", (line) => line.text().includes("Content Security Policy") && thrown.push(line.text()));
  page.ended = async () => {
    await context.close();
    if (thrown.length) throw new Error(`the page's script threw: ${thrown.join("; ")}`);
  };
  return page;
}

export const closeBrowser = () => browser?.close();

// What of a page depends on when it is looked at, in both languages: times, days of this year and later, how long
// something took, how soon it comes, and names made of a time. Earlier days are the tests' own and stay.
const TIMES = [
  // A run of files that took more than a second tells its speed.
  [/[\d.]+ (?:[KMGT]i)?B\/(?:s|秒) [\d.,]+ (?:files\/s|个文件\/秒) /g, ""],
  [/_\d{10}\b/g, "_…"],
  [/\b20(?:2[6-9]|[3-9]\d)-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?/g, "…"],
  [/\b\d\d-\d\d \d\d:\d\d(?::\d\d)?/g, "…"],
  [/\b\d\d:\d\d:\d\d\b/g, "…"],
  [/… (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|周.) \+08:00/g, "…"],
  [/^(\s*- text: )(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|周.) \+08:00$/gm, "$1…"],
  [/(?:< )?\b\d+ (?:ms|s|min|h|d)\b(?: \d+ (?:s|min|h)\b)?/g, "…"],
  [/(?:< )?\d+ ?(?:毫秒|秒|分钟|分|小时|天)(?: ?\d+ ?(?:秒|分钟|分|小时))?/g, "…"],
];

// A part of a page as those hear it who do not see it. Where links lead is not heard.
export async function heard(part) {
  const text = await part.ariaSnapshot();
  const lines = text.split("\n").filter((line) => !/^\s*- \/url:/.test(line));
  return TIMES.reduce((said, [time, instead]) => said.replace(time, instead), lines.join("\n")) + "\n";
}

// A picture for people to look at; never compared.
export async function shoot(page, name) {
  await mkdir(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}
