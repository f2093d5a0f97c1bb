// Every page as it is heard: roles, names and states, in both languages, held to the texts in browser/heard.
//
// After a change that is meant, HEARD=write writes the texts anew; what they say now is read before it is kept.

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { closeBrowser, heard, open, site, until } from "./bed.mjs";

const texts = new URL("heard/", import.meta.url);
const writing = process.env.HEARD === "write";

const PAGES = {
  overview: "/",
  stocks: "/stocks?open=2025-11-06&month=2025-11",
  races: "/races?season=2025",
  runs: "/runs",
  run: "/runs/1",
  schedules: "/schedules",
  schedule: "/schedules/NUMBER",
  tables: "/tables",
  table: "/tables/daily_stock_data?where=trade_date:eq:2025-11-06&where=stock_code:lt:000004",
  nowhere: "/runs/4711",
};

// The schedule that comes due; the others are paused, so that none is due while the pages are read.
const DUE = "stocks.daily_sync";

let syncline;
before(async () => {
  syncline = await site({ stocks: 60 });
  const { schedules } = await syncline.json("/api/v1/schedules");
  for (const { name } of schedules) if (name !== DUE) await syncline.command("schedules", "pause", name);
  PAGES.schedule = PAGES.schedule.replace("NUMBER", schedules.find(({ name }) => name === DUE).id);
  await syncline.faults({ "missing-stocks": 8 });
  const range = { start_date: "2025-11-06", end_date: "2025-11-08" };
  const { data } = await syncline.json("/api/v1/sync-status/sync/batch", range);
  await until("the days have failed", async () => {
    const progress = await syncline.json(`/api/v1/sync-status/sync/batch/progress/${data.task_id}`);
    return progress.data.status === "completed";
  });
  await mkdir(texts, { recursive: true });
});
after(async () => {
  await closeBrowser();
  await syncline?.close();
});

for (const [name, path] of Object.entries(PAGES)) {
  for (const lang of ["zh", "en"]) {
    test(`${name} is heard in ${lang} as it was`, async () => {
      const page = await open();
      await page.goto(`${syncline.url}${PAGES[name]}${path.includes("?") ? "&" : "?"}lang=${lang}`);
      if (await page.locator("#live").count()) await page.locator("#live[data-state=on]").waitFor();
      const file = new URL(`${name}-${lang}.txt`, texts);
      // The top bar is the same on every page and heard once.
      const said = await heard(page.locator(name === "overview" ? "body" : "main"));
      if (writing) await writeFile(file, said);
      assert.equal(said, await readFile(file, "utf8"));
      await page.ended();
    });
  }
}
