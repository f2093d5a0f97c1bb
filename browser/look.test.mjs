// How every page looks to everyone: both languages, light and dark, desk and phone, and to those who do not see it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { closeBrowser, open, shoot, site, until } from "./bed.mjs";

const AXE = await readFile(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

const PAGES = {
  overview: "/",
  stocks: "/stocks?open=2025-11-06",
  races: "/races",
  runs: "/runs",
  run: "/runs/1",
  schedules: "/schedules",
  schedule: "/schedules/1",
  tables: "/tables",
  table: "/tables/daily_stock_data?where=trade_date:from:2025-11-05&order=-volume",
  api: "/api/docs",
  settings: "/settings",
};
const DESK = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

let syncline;
before(async () => {
  syncline = await site({ stocks: 120 });
  await syncline.faults({ "missing-stocks": 8 });
  const { data } = await syncline.json("/api/v1/sync-status/sync/batch", { start_date: "2025-11-03", end_date: "2025-11-06" });
  await until("the days have failed", async () => {
    const progress = await syncline.json(`/api/v1/sync-status/sync/batch/progress/${data.task_id}`);
    return progress.data.status === "completed";
  });
  await syncline.faults({ latency: 1500 });
  await syncline.json("/api/v1/sync-status/sync/batch", { start_date: "2025-09-01", end_date: "2025-11-20" });
});
after(async () => {
  await closeBrowser();
  await syncline?.close();
});

for (const [name, path] of Object.entries(PAGES)) {
  for (const lang of ["zh", "en"]) {
    for (const colorScheme of ["light", "dark"]) {
      for (const [size, viewport] of [["desk", DESK], ["phone", PHONE]]) {
        test(`${name} in ${lang}, ${colorScheme}, at the ${size}`, async () => {
          // By the protocol, not by a script of the page: the page's own policy allows none from elsewhere.
          const page = await open({ viewport, colorScheme, bypassCSP: true });
          await page.goto(`${syncline.url}${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
          assert.equal(await page.locator("html").getAttribute("lang"), lang);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(wide <= 0, `the page is ${wide} px wider than the screen`);
          await page.evaluate(AXE);
          const { violations } = await page.evaluate(() => axe.run());
          const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
          const told = serious.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0].html} and ${nodes.length - 1} more`);
          assert.deepEqual(told, []);
          await shoot(page, `${name}-${lang}-${colorScheme}-${size}`);
          await page.ended();
        });
      }
    }
  }
}

test("every control is reached by the keyboard, and shows where it is", async () => {
  const page = await open();
  await page.goto(`${syncline.url}/stocks?lang=en`);
  const wanted = await page.locator("a[href]:visible, button:visible:enabled, input:visible, select:visible").count();
  const reached = new Set();
  for (let presses = 0; presses < wanted * 4; presses += 1) {
    await page.keyboard.press("Tab");
    const place = await page.evaluate(() => {
      const at = document.activeElement;
      if (!at || at === document.body) return null;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
      const seen = (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
      const all = [...document.querySelectorAll("a[href], button, input, select, [tabindex]")];
      return { index: all.indexOf(at), seen, html: at.outerHTML.slice(0, 120) };
    });
    if (!place) break;
    assert.ok(place.seen, `the focus is not visible on ${place.html}`);
    reached.add(place.index);
  }
  assert.ok(reached.size >= wanted, `${reached.size} of ${wanted} were reached`);
  await page.ended();
});
