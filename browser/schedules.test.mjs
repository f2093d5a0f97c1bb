// The schedules' pages, as an operator uses them: pause, run now, and a rule that is edited while its meaning is told.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closeBrowser, open, shoot, site, until } from "./bed.mjs";

const NAME = "stocks.daily_sync";
const PHONE = { width: 390, height: 844 };

let syncline;
before(async () => (syncline = await site({ stocks: 60 })));
after(async () => {
  await closeBrowser();
  await syncline?.close();
});

const schedule = async () => (await syncline.json("/api/v1/schedules")).schedules.find(({ name }) => name === NAME);
const list = (page, lang) => page.goto(`${syncline.url}/schedules?lang=${lang}`);
const entry = (page) => page.locator("#schedules-list li").filter({ hasText: NAME });

async function opened(page, lang) {
  await list(page, lang);
  await entry(page).locator(".what a").click();
  await page.locator("#schedule-head").waitFor();
}

// Another rule, typed; with JavaScript it is explained by itself, without by the button.
async function type(page, cron, zone) {
  if (cron !== null) await page.locator("#cron").fill(cron);
  if (zone) await page.locator("#time-zone").fill(zone);
  if (await page.locator("#check").isVisible()) await page.locator("#check").click();
}

async function save(page) {
  await page.locator("#save").click();
  await page.locator("#schedule-told .box, #cron-said b").waitFor();
}

// The rule as its system brought it.
async function reset() {
  const { id } = await schedule();
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ cron: "0 20 * * *", time_zone: "Asia/Shanghai", paused: false });
  const answer = await fetch(`${syncline.url}/api/v1/schedules/${id}`, { method: "PATCH", headers, body });
  assert.equal(answer.status, 200);
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  test(`a schedule is paused, continued and run ${how}`, async () => {
    await reset();
    const page = await open({ javaScriptEnabled });
    await page.goto(`${syncline.url}/?lang=en`);
    await page.locator("header nav").getByText("Schedules").click();
    await entry(page).getByText("every day at 20:00 (Asia/Shanghai)").waitFor();
    await entry(page).locator("summary").click();
    assert.equal(await entry(page).locator(".times tbody tr").count(), 5);
    if (javaScriptEnabled) await shoot(page, "schedules-unfolded-en");
    await entry(page).getByRole("button", { name: "Pause" }).click();
    await entry(page).locator(".badge[data-state=paused]").waitFor();
    assert.ok((await schedule()).paused_at);
    await entry(page).getByRole("button", { name: "Resume" }).click();
    await entry(page).getByRole("button", { name: "Pause" }).waitFor();
    assert.equal((await schedule()).paused_at, null);
    await syncline.faults({ latency: 200 });
    await entry(page).getByRole("button", { name: "Run now" }).click();
    await page.locator("#schedule-told a").click();
    await page.waitForURL("**/runs/*");
    const run = Number(new URL(page.url()).pathname.split("/").pop());
    await page.getByRole("heading", { level: 1, name: `#${run} stocks.daily` }).waitFor();
    await syncline.json(`/api/v1/runs/${run}/cancel`, {});
    await until("the run has ended", async () => (await syncline.json(`/api/v1/runs/${run}`)).ended_at);
    await syncline.faults({});
    await page.ended();
  });

  for (const [lang, first, second, wrong] of [
    ["zh", "每周一至周五 06:15（上海）", "09:00 至 17:45 每 15 分钟（伦敦）", "时“25”有误；允许 0–23"],
    ["en", "Monday to Friday at 06:15 (Asia/Shanghai)", "every 15 minutes from 09:00 to 17:45 (Europe/London)", "hour 25 is wrong; allowed are 0–23"],
  ]) {
    test(`a rule is explained, refused and saved in ${lang} ${how}`, async () => {
      await reset();
      const page = await open({ javaScriptEnabled });
      await opened(page, lang);
      const said = page.locator("#cron-said");
      await type(page, "15 6 * * 1-5", null);
      await said.getByText(first, { exact: true }).waitFor();
      assert.equal(await said.locator("tbody tr").count(), 5);
      await type(page, "0 25 * * *", null);
      await said.getByText(wrong).waitFor();
      assert.equal(await page.locator("#cron").getAttribute("aria-invalid"), "true");
      await save(page);
      await said.getByText(lang === "zh" ? "未保存" : "Not saved").waitFor();
      await shoot(page, `schedule-refused-${lang}-${javaScriptEnabled ? "script" : "plain"}`);
      assert.equal((await schedule()).when.expression, "0 20 * * *");
      await type(page, "*/15 9-17 * * *", "Europe/Londn");
      await said.getByText("Europe/Londn").waitFor();
      assert.equal(await page.locator("#time-zone").getAttribute("aria-invalid"), "true");
      await type(page, null, "Europe/London");
      await said.getByText(second, { exact: true }).waitFor();
      assert.notEqual(await page.locator("#time-zone").getAttribute("aria-invalid"), "true");
      await save(page);
      await page.locator("#schedule-head").getByText(second, { exact: true }).waitFor();
      const saved = await schedule();
      assert.deepEqual([saved.when.expression, saved.time_zone], ["*/15 9-17 * * *", "Europe/London"]);
      await page.ended();
    });
  }
}

test("a time that a change of clocks skips is shown where it comes due, on both clocks", async () => {
  await reset();
  const page = await open();
  await opened(page, "zh");
  // The clocks of New York go from 02:00 to 03:00 on the second Sunday of March.
  await type(page, "30 2 * 3 0#2", "America/New_York");
  await page.locator("#cron-said").getByText("每年 3 月的第 2 个周日 02:30（纽约）").waitFor();
  await page.locator("#cron-said tbody tr").nth(4).waitFor();
  for (const row of await page.locator("#cron-said tbody tr").allInnerTexts()) {
    assert.match(row, /^\d{4}-03-\d\d 03:00 周日 -04:00\s+\d{4}-03-\d\d 15:00 周日 \+08:00/);
  }
  await type(page, "0 12 1 1,7 *", null);
  await page.locator("#cron-said").getByText("每年 1、7 月的 1 日 12:00（纽约）").waitFor();
  const offsets = (await page.locator("#cron-said tbody td:first-child").allInnerTexts()).map((text) => text.slice(-6));
  assert.deepEqual(new Set(offsets), new Set(["-05:00", "-04:00"]));
  await shoot(page, "schedule-dst-zh");
  await page.ended();
});

test("what one changes, another sees, and what is typed stays", async () => {
  await reset();
  const page = await open({ viewport: PHONE, colorScheme: "dark" });
  await opened(page, "zh");
  await page.locator("#live[data-state=on]").waitFor();
  await type(page, "0 7 * * *", null);
  await page.locator("#cron-said").getByText("每天 07:00（上海）").waitFor();
  await syncline.command("schedules", "pause", NAME);
  await page.locator("#schedule-head .badge[data-state=paused]").waitFor();
  assert.equal(await page.locator("#cron").inputValue(), "0 7 * * *");
  await shoot(page, "schedule-paused-zh-phone");
  await page.ended();
});

test("a saved rule outlives a server that dies", async () => {
  await reset();
  const page = await open();
  await opened(page, "en");
  await type(page, "30 21 * * 1-5", "Asia/Tokyo");
  await save(page);
  await syncline.die();
  await syncline.rise();
  await list(page, "zh");
  await entry(page).getByText("每周一至周五 21:30（东京）").waitFor();
  await page.ended();
});
