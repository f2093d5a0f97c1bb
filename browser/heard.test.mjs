// Every page as it is heard: roles, names and states, in both languages, held to the texts in browser/heard.
//
// After a change that is meant, HEARD=write writes the texts anew; what they say now is read before it is kept.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { closeBrowser, heard, open, site, until } from "./bed.mjs";

const texts = new URL("heard/", import.meta.url);
const writing = process.env.HEARD === "write";

// A page as it is heard, in both languages. The top bar is the same on every page and heard once.
function hear(name, where, part = "main") {
  for (const lang of ["zh", "en"]) {
    test(`${name} is heard in ${lang} as it was`, async () => {
      const page = await open();
      const address = where();
      await page.goto(`${address}${address.includes("?") ? "&" : "?"}lang=${lang}`);
      if (await page.locator("#live").count()) await page.locator("#live[data-state=on]").waitFor();
      const file = new URL(`${name}-${lang}.txt`, texts);
      const said = await heard(page.locator(part));
      if (writing) await writeFile(file, said);
      assert.equal(said, await readFile(file, "utf8"));
      await page.ended();
    });
  }
}

before(() => mkdir(texts, { recursive: true }));
after(closeBrowser);

describe("days that failed", () => {
  // The schedule that comes due; the others are paused, so that none is due while the pages are read.
  const DUE = "stocks.daily_sync";
  let syncline;
  let due;
  before(async () => {
    syncline = await site({ stocks: 60 });
    const { schedules } = await syncline.json("/api/v1/schedules");
    for (const { name } of schedules) if (name !== DUE) await syncline.command("schedules", "pause", name);
    due = schedules.find(({ name }) => name === DUE).id;
    await syncline.faults({ "missing-stocks": 8 });
    const range = { start_date: "2025-11-06", end_date: "2025-11-08" };
    const { data } = await syncline.json("/api/v1/sync-status/sync/batch", range);
    await until("the days have failed", async () => {
      const progress = await syncline.json(`/api/v1/sync-status/sync/batch/progress/${data.task_id}`);
      return progress.data.status === "completed";
    });
  });
  after(() => syncline?.close());

  hear("overview", () => `${syncline.url}/`, "body");
  for (const [name, path] of Object.entries({
    stocks: "/stocks?open=2025-11-06&month=2025-11",
    races: "/races?season=2025",
    runs: "/runs",
    run: "/runs/1",
    schedules: "/schedules",
    tables: "/tables",
    table: "/tables/daily_stock_data?where=trade_date:eq:2025-11-06&where=stock_code:lt:000004",
    nowhere: "/runs/4711",
  })) {
    hear(name, () => syncline.url + path);
  }
  hear("schedule", () => `${syncline.url}/schedules/${due}`);
});

describe("a race weekend and a day of calls", () => {
  let syncline;
  before(async () => {
    syncline = await site({ tasksPerDay: 0 });
    const plan = "/api/v1/post-race-sync/2025/13/schedule";
    await until("the race is planned", async () => (await syncline.json(plan, {})).schedule_id);
    await until("the plan is completed", async () => (await syncline.json(plan)).schedule.is_completed);
    await syncline.import(await syncline.packages());
    for (const window of ["historical", "today"]) await syncline.json(`/api/sync/${window}/manual`, {});
  });
  after(() => syncline?.close());

  hear("race", () => `${syncline.url}/races/2025/13`);
  hear("packages", () => `${syncline.url}/tasks/packages`);
});

describe("a config of files", () => {
  let syncline;
  before(async () => {
    syncline = await site({ tasksPerDay: 0 });
    // Disabled, so that no time of its schedule comes while the pages are read.
    await syncline.json("/api/v1/files/configs", {
      name: "照片备份",
      enabled: false,
      source: { service: "memory", path: "/photos", options: { name: "camera" } },
      target: { service: "webdav", path: "/backup", options: { endpoint: "http://127.0.0.1:9/dav", username: "u", password: "p" } },
      mode: "full",
      cron: "0 9,18 * * 1-5",
      filters: { rules: ["*.tmp"] },
    });
  });
  after(() => syncline?.close());

  hear("files", () => `${syncline.url}/files`);
  hear("files-config", () => `${syncline.url}/files/configs/1`);
  hear("files-form", () => `${syncline.url}/files/configs/1/edit`);
});

describe("runs of a config of files", () => {
  let syncline;
  let ground;
  before(async () => {
    syncline = await site({ tasksPerDay: 0 });
    ground = await mkdtemp(join(tmpdir(), "syncline-heard-"));
    for (const folder of ["source/2025", "target"]) await mkdir(join(ground, folder), { recursive: true });
    await writeFile(join(ground, "source/2025/a.txt"), "hello world");
    await writeFile(join(ground, "target/extra.txt"), "extra");
    const side = (folder) => ({ service: "fs", path: join(ground, folder) });
    await syncline.json("/api/v1/files/configs", { name: "照片备份", source: side("source"), target: side("target"), mode: "full" });
    for (const [path, wish] of [["dry-run", {}], ["execute", {}]]) {
      const { run_id: run } = await syncline.json(`/api/v1/files/configs/1/${path}`, wish);
      await until("the run has ended", async () => (await syncline.json(`/api/v1/runs/${run}`)).ended_at);
    }
  });
  after(async () => {
    await syncline?.close();
    await rm(ground, { recursive: true, force: true });
  });

  hear("files-plan", () => `${syncline.url}/files/runs/1`);
  hear("files-run", () => `${syncline.url}/files/runs/2`);
});
