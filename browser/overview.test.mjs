// The front page: what runs, what ended, what is next; its keys.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closeBrowser, open, shoot, site } from "./bed.mjs";

let syncline;
before(async () => (syncline = await site({ stocks: 120 })));
after(async () => {
  await closeBrowser();
  await syncline?.close();
});

const overview = (page, lang) => page.goto(`${syncline.url}/?lang=${lang}`);

test("a run is seen live from its start to its end, and counted in the chart of the last days", async () => {
  await syncline.faults({ latency: 150 });
  const page = await open();
  await overview(page, "zh");
  await page.locator("#history").getByText("0 次运行中 0 次成功").waitFor();
  await syncline.json("/api/v1/sync-status/sync/batch", { start_date: "2025-10-30", end_date: "2025-11-05" });
  await page.locator("#active progress, #active [role=progressbar]").first().waitFor();
  await page.locator("#active").getByRole("button", { name: /取消/ }).waitFor();
  await syncline.faults({});
  await page.locator("#recent").getByText("成功").first().waitFor();
  await page.locator("#history").getByText("1 次运行中 1 次成功").waitFor();
  assert.equal(await page.locator("#history svg[role=img]").getAttribute("aria-label"), "1 次运行中 1 次成功");
  await page.locator("#history summary").click();
  assert.deepEqual(await page.locator("#history tbody tr").first().locator("td").allInnerTexts(), ["1", "0", "0", "0"]);
  await shoot(page, "overview-history-zh");
  await page.ended();
});

test("what was unfolded stays so when the fragment comes again", async () => {
  const page = await open();
  await overview(page, "en");
  await page.locator("#live[data-state=on]").waitFor();
  await page.locator("#history summary").click();
  await syncline.json("/api/v1/sync-status/sync/batch", { start_date: "2025-03-03", end_date: "2025-03-03" });
  await page.locator("#history").getByText("2 of 2 runs succeeded").waitFor();
  assert.ok(await page.locator("#history details").evaluate((folded) => folded.open));
  await page.ended();
});

test("keys lead to the first field, to the pages, and to the list of keys", async () => {
  const page = await open();
  await overview(page, "en");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.name), "from");
  await page.keyboard.press("2");
  assert.equal(new URL(page.url()).pathname, "/", "a key pressed in a field is written there");
  await page.locator("h2").first().click();
  await page.keyboard.press("2");
  await page.waitForURL("**/stocks*");
  await page.ended();
});
