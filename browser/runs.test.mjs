// All runs and one run, as an operator uses them: filters, many at once, the log as it grows, and what a stale page is told.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closeBrowser, open, shoot, site } from "./bed.mjs";

let syncline;
before(async () => (syncline = await site({ stocks: 60 })));
after(async () => {
  await closeBrowser();
  await syncline?.close();
});

// Asks for a run; answers its number.
async function start(first, last) {
  const params = { start_date: first, end_date: last, force: true };
  const run = await syncline.json("/api/v1/runs", { sync: "stocks.daily", params });
  assert.ok(run.id, JSON.stringify(run));
  return run.id;
}

const state = async (id) => (await syncline.json(`/api/v1/runs/${id}`)).state;

async function ended(id) {
  for (;;) {
    const now = await state(id);
    if (!["queued", "running", "waiting", "paused"].includes(now)) return now;
  }
}

// A run that was cancelled before its end: something to retry.
async function stopped(first, last) {
  await syncline.faults({ latency: 400 });
  const id = await start(first, last);
  await syncline.json(`/api/v1/runs/${id}/cancel`, {});
  await ended(id);
  await syncline.faults({});
  return id;
}

// A run whose days failed: most stocks have no bars.
async function failed(first, last) {
  await syncline.faults({ "missing-stocks": 50 });
  const id = await start(first, last);
  assert.equal(await ended(id), "failed");
  await syncline.faults({});
  return id;
}

const runs = (page, query = "") => page.goto(`${syncline.url}/runs?lang=en${query}`);
const shown = (page) => page.locator("#runs-list tbody th[scope=row] a").allInnerTexts();

test("before anything ran, the list says so", async () => {
  const page = await open();
  await runs(page);
  await page.getByText("There is no run yet.").waitFor();
  await shoot(page, "runs-empty-en");
  await page.ended();
});

test("a run is opened from the overview and watched to its end, its log growing", async () => {
  await syncline.faults({ latency: 200 });
  const page = await open();
  await page.goto(`${syncline.url}/?lang=en`);
  const id = await start("2025-10-13", "2025-10-24");
  await page.locator("#active .title a").click();
  await page.waitForURL(`**/runs/${id}`);
  await page.evaluate(() => (window.stayed = true));
  const lines = page.locator("#run-log li");
  await lines.first().waitFor();
  const before = await lines.count();
  await page.waitForFunction((count) => document.querySelectorAll("#run-log li").length > count, before);
  const end = await page.locator("#run-log").evaluate((box) => ({ top: box.scrollTop, more: box.scrollHeight > box.clientHeight }));
  assert.equal(end.top, 0, "the box stands at its end");
  await page.locator("#run-partitions .badge[data-state=succeeded]").first().waitFor();
  await page.locator("#run-tries svg[role=img] rect").first().waitFor();
  await shoot(page, "run-running-en");
  await syncline.faults({});
  await page.locator("#run-head .badge[data-state=succeeded]").waitFor();
  await page.locator("#run-head .percent").getByText("100.0").waitFor();
  await page.locator("#tries-numbers summary").click();
  const tries = await page.locator("#tries-numbers tbody tr").count();
  assert.match(await page.locator("#run-tries svg").getAttribute("aria-label"), new RegExp(`^${tries} tries: ${tries} did`));
  assert.equal(await page.locator("#run-tries rect").count(), tries);
  assert.ok(await page.evaluate(() => window.stayed), "the same page all the time");
  await page.ended();
});

test("who reads above the end of the log is left in peace, and catches up when asked", async () => {
  await syncline.faults({ latency: 100 });
  const page = await open({ viewport: { width: 900, height: 700 } });
  const id = await start("2025-06-30", "2025-09-26");
  await page.goto(`${syncline.url}/runs/${id}?lang=en`);
  const log = page.locator("#run-log");
  await page.waitForFunction(() => {
    const box = document.querySelector("#run-log");
    return box.scrollHeight > box.clientHeight + 60;
  });
  await log.evaluate((box) => (box.scrollTop = -60));
  const button = page.locator("#follow");
  await button.waitFor();
  assert.equal(await log.evaluate((box) => box.scrollTop), -60, "it has not moved");
  const before = await log.locator("li").last().innerText();
  await button.click();
  await button.waitFor({ state: "hidden" });
  await page.waitForFunction((text) => [...document.querySelectorAll("#run-log li")].at(-1).innerText !== text, before);
  assert.equal(await log.evaluate((box) => box.scrollTop), 0);
  await syncline.json(`/api/v1/runs/${id}/cancel`, {});
  await ended(id);
  await page.ended();
});

test("a run is paused, resumed and cancelled on its page, and its retry leads to the new run", async () => {
  await syncline.faults({ latency: 400 });
  const id = await start("2025-09-01", "2025-09-12");
  const page = await open();
  await page.goto(`${syncline.url}/runs/${id}?lang=en`);
  await page.locator("#run-pause").click();
  await page.locator("#run-resume").waitFor();
  await page.locator("#run-resume").click();
  await page.locator("#run-pause").waitFor();
  await page.locator("#run-cancel").click();
  await page.locator("#run-retry").waitFor();
  await page.locator("#run-head .badge[data-state=cancelled]").waitFor();
  await syncline.faults({});
  await page.locator("#run-retry").click();
  await page.waitForURL((url) => url.pathname !== `/runs/${id}`);
  const next = Number(new URL(page.url()).pathname.split("/").pop());
  await page.getByRole("heading", { level: 1, name: `#${next} stocks.daily` }).waitFor();
  assert.equal(await ended(next), "succeeded");
  await page.ended();
});

test("without JavaScript a failed day is found, read and retried", async () => {
  const id = await failed("2025-08-04", "2025-08-08");
  const page = await open({ javaScriptEnabled: false });
  await runs(page);
  await page.locator("select[name=state]").selectOption("wanting");
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByRole("link", { name: `#${id} stocks.daily` }).click();
  assert.match(await page.locator("#run-log").innerText(), /\d\d:\d\d:\d\d/);
  const why = await page.locator("#run-faults").innerText();
  assert.match(why, /\d ×/);
  await page.getByRole("link", { name: /^Failed [1-9]/ }).click();
  const rows = await page.locator("#run-partitions tbody .badge").allInnerTexts();
  assert.ok(rows.length > 0 && rows.every((words) => words === "failed"), rows.join());
  await page.locator("#run-retry").click();
  assert.notEqual(new URL(page.url()).pathname, `/runs/${id}`);
  await page.getByRole("link", { name: "All runs" }).click();
  await page.waitForURL("**/runs");
  await page.ended();
});

test("the list is filtered by state and by who asked", async () => {
  const page = await open();
  await runs(page);
  const all = await shown(page);
  await page.locator("select[name=trigger]").selectOption("retry");
  await page.getByRole("button", { name: "Show" }).click();
  await page.waitForURL("**trigger=retry**");
  const retries = await shown(page);
  assert.ok(retries.length > 0 && retries.length < all.length, `${retries} of ${all}`);
  assert.equal(await page.locator("select[name=trigger]").inputValue(), "retry");
  await page.locator("select[name=state]").selectOption("active");
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByText("No run is like that.").waitFor();
  await page.getByRole("link", { name: "Show all" }).click();
  await page.waitForURL("**/runs");
  assert.deepEqual(await shown(page), all);
  await page.ended();
});

for (const javaScriptEnabled of [true, false]) {
  test(`several runs are retried at once, and each is told of (JavaScript ${javaScriptEnabled ? "on" : "off"})`, async () => {
    const first = await stopped("2025-07-01", "2025-07-04");
    const second = await stopped("2025-07-07", "2025-07-10");
    await syncline.faults({ latency: 400 });
    const page = await open({ javaScriptEnabled });
    await page.goto(`${syncline.url}/runs?lang=zh&state=cancelled`);
    await page.locator(`#choose-${first}`).check();
    await page.locator(`#choose-${second}`).check();
    await page.locator("#bulk-retry").click();
    const said = page.locator("#bulk-said");
    await said.getByText("已重试：").waitFor();
    const made = Number((await said.locator("p a").nth(1).innerText()).slice(1));
    const words = await said.innerText();
    assert.ok(words.includes(`#${first} → #${made}`), words);
    assert.match(words, new RegExp(`未执行：\\s*#${second} 该同步项已有运行在进行: 运行 ${made} 正在进行`), words);
    assert.equal(await page.locator("input[type=checkbox][name=run]:checked").count(), 0);
    if (javaScriptEnabled) await shoot(page, "runs-bulk-zh");
    await syncline.json(`/api/v1/runs/${made}/cancel`, {});
    await ended(made);
    await page.ended();
  });
}

test("boxes stay ticked while the list lives, and one box ticks all", async () => {
  const page = await open();
  await runs(page);
  await page.locator("#live[data-state=on]").waitFor();
  const chosen = page.locator("input[type=checkbox][name=run]").first();
  await chosen.check();
  const id = await chosen.getAttribute("id");
  await syncline.faults({});
  const fresh = await start("2025-05-06", "2025-05-06");
  await page.locator(`#choose-${fresh}`).waitFor();
  assert.ok(await page.locator(`#${id}`).isChecked());
  await page.locator("#choose-all").check();
  const boxes = page.locator("input[type=checkbox][name=run]");
  assert.equal(await page.locator("input[type=checkbox][name=run]:checked").count(), await boxes.count());
  await ended(fresh);
  await page.ended();
});

test("a stale page that acts on a run which has ended is told so, on both pages", async () => {
  await syncline.faults({ latency: 300 });
  const id = await start("2025-04-01", "2025-04-03");
  const one = await open({ javaScriptEnabled: false });
  const list = await open({ javaScriptEnabled: false });
  await one.goto(`${syncline.url}/runs/${id}?lang=en`);
  await runs(list);
  await syncline.faults({});
  const how = await ended(id);
  await one.locator("#run-cancel").click();
  assert.match(await one.locator("#notice").innerText(), new RegExp(`run ${id} has ended \\(${how}\\)`));
  await list.locator(`#choose-${id}`).check();
  await list.locator("#bulk-cancel").click();
  assert.match(await list.locator("#bulk-said").innerText(), new RegExp(`Not done:\\s*#${id} .*run ${id} has ended \\(${how}\\)`));
  await list.locator("#bulk-cancel").click();
  await list.getByText("No run was chosen").waitFor();
  await one.ended();
  await list.ended();
});

test("a run that never was is told in words", async () => {
  const page = await open();
  const answer = await page.goto(`${syncline.url}/runs/4711?lang=zh`);
  assert.equal(answer.status(), 404);
  await page.getByRole("heading", { name: "运行不存在" }).waitFor();
  await page.getByRole("link", { name: "全部运行" }).click();
  await page.waitForURL("**/runs");
  await page.ended();
});
