// The tables' pages, as an operator uses them: with and without JavaScript.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { closeBrowser, open, shoot, site } from "./bed.mjs";

const TABLE = "daily_stock_data";

let syncline;
before(async () => {
  syncline = await site({ stocks: 120 });
  const { data } = await syncline.json("/api/v1/sync-status/sync/batch", { start_date: "2025-11-03", end_date: "2025-11-05" });
  for (let status = "running"; status === "running" || status === "queued"; ) {
    ({ status } = (await syncline.json(`/api/v1/sync-status/sync/batch/progress/${data.task_id}`)).data);
  }
});
after(async () => {
  await closeBrowser();
  await syncline?.close();
});

const cells = (page, name) =>
  page.evaluate((column) => {
    const heads = [...document.querySelectorAll("thead th a")].map((head) => head.textContent.split(" ")[0]);
    return [...document.querySelectorAll("tbody tr")].map((row) => row.children[heads.indexOf(column)].innerText);
  }, name);

async function filter(page, column, sign, value) {
  await page.locator("select[name=column]").selectOption(column);
  await page.locator("select[name=test]").selectOption({ label: sign });
  await page.locator("input[name=value]").fill(value);
  await Promise.all([page.waitForNavigation(), page.locator("form.filter button").click()]);
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  test(`rows are found, filtered, ordered and paged ${how}`, async () => {
    const page = await open({ javaScriptEnabled });
    await page.goto(`${syncline.url}/?lang=en`);
    await page.locator("header nav").getByText("Tables").click();
    await page.locator("tbody").getByText(TABLE, { exact: true }).click();
    await filter(page, "trade_date", "=", "2025-11-04");
    assert.deepEqual(new Set(await cells(page, "trade_date")), new Set(["2025-11-04"]));
    await page.locator("thead").getByText("stock_code", { exact: true }).click();
    const first = await cells(page, "stock_code");
    assert.equal(first.length, 50);
    assert.deepEqual(first, [...first].sort());
    await page.locator(".pager").getByText("Next").click();
    const second = await cells(page, "stock_code");
    assert.ok(second[0] > first[49], `${second[0]} comes after ${first[49]}`);
    await page.locator(".pager").getByText("Previous").click();
    assert.deepEqual(await cells(page, "stock_code"), first);
    await page.ended();
  });

  test(`an export holds what the filters hold ${how}`, async () => {
    const page = await open({ javaScriptEnabled, acceptDownloads: true });
    await page.goto(`${syncline.url}/tables/${TABLE}?lang=en&where=trade_date:eq:2025-11-04`);
    const [, matching] = (await page.locator("h1").innerText()).match(/(\d+) of \d+ rows/);
    for (const [word, head] of [["CSV", 1], ["JSON lines", 0]]) {
      const [download] = await Promise.all([page.waitForEvent("download"), page.locator(".buttons").getByText(word).click()]);
      const lines = (await readFile(await download.path(), "utf8")).trimEnd().split("\n");
      assert.equal(lines.length - head, Number(matching), word);
      assert.ok(lines.slice(head).every((line) => line.includes("2025-11-04")), word);
    }
    await page.ended();
  });
}

test("a wrong value is named, and taking the filter away mends the page", async () => {
  const page = await open();
  await page.goto(`${syncline.url}/tables/${TABLE}?lang=zh`);
  await filter(page, "trade_date", "≥", "soon");
  const said = await page.locator("[role=alert]").innerText();
  assert.ok(said.includes("无法显示这些数据") && said.includes("soon"), said);
  await shoot(page, "table-refused-zh");
  await page.getByLabel("移除筛选 trade_date ≥ soon").click();
  assert.equal((await cells(page, "trade_date")).length, 50);
  await filter(page, "stock_code", "=", "nothing");
  assert.ok((await page.locator(".empty").innerText()).includes("没有符合筛选条件的数据"));
  await shoot(page, "table-empty-zh");
  await page.ended();
});
