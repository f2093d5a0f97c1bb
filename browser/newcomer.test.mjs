// The newcomer's path, in both languages and with the mouse alone: start a range, watch it, pause, resume, cancel, find
// a failed day, read why, retry it, see the gap close on the calendar, and take the rows along.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { closeBrowser, open, shoot, site } from "./bed.mjs";

const WORDS = {
  zh: {
    stocks: "股票", earlier: "更早", start: "开始同步", pause: "暂停", resume: "继续", cancel: "取消",
    days: /^(\d+)\/(\d+) 天$/, rows: /入库 (\d+) 条, 失败 (\d+) 只/, retry: "重试", show: "查看数据",
  },
  en: {
    stocks: "Stocks", earlier: "Earlier", start: "Start sync", pause: "Pause", resume: "Resume", cancel: "Cancel",
    days: /^(\d+)\/(\d+) days$/, rows: /(\d+) rows stored, (\d+) stocks failed/, retry: "Retry", show: "Show the rows",
  },
};
const TABLE = "daily_stock_data";

after(closeBrowser);

for (const [lang, words] of Object.entries(WORDS)) {
  test(`a newcomer finds everything with the mouse, in ${lang}`, async () => {
    const syncline = await site({ stocks: 120 });
    const page = await open({ acceptDownloads: true, locale: lang === "zh" ? "zh-CN" : "en-GB" });
    page.on("dialog", (dialog) => dialog.accept());
    const button = (name) => page.getByRole("button", { name, exact: true });
    const square = (date, state) => page.locator(`#stocks-calendar a[data-date="${date}"]${state ? `[data-state=${state}]` : ""}`);
    const done = async () => Number((await page.getByText(words.days).innerText()).match(words.days)[1]);

    // Start a range of whole months ago: its first day, then its last.
    await page.goto(syncline.url);
    await page.locator("header nav").getByRole("link", { name: words.stocks, exact: true }).click();
    await page.getByRole("link", { name: words.earlier, exact: true }).click();
    const months = page.locator("#stocks-calendar .month");
    await months.nth(1).locator("a.day").first().click();
    await months.nth(1).locator("a.day").last().click();
    const range = await months.nth(1).locator("a[data-chosen]").count();
    assert.ok(range >= 28, `a whole month is chosen: ${range} days`);
    await syncline.faults({ latency: 250 });
    await button(words.start).click();

    // Watch it.
    await page.getByText(words.days).waitFor();
    assert.equal(Number((await page.getByText(words.days).innerText()).match(words.days)[2]), range);
    const before = await done();
    await page.waitForFunction(([source, least]) => {
      const panel = document.querySelector("#stocks-active").innerText.split("\n").find((line) => new RegExp(source).test(line));
      return panel && Number.parseInt(panel, 10) > least;
    }, [words.days.source, before]);
    await shoot(page, `newcomer-watches-${lang}`);

    // Pause, resume, cancel.
    await button(words.pause).click();
    await page.locator("#stocks-resume:enabled").waitFor();
    await button(words.resume).click();
    await page.locator("#stocks-pause:enabled").waitFor();
    await button(words.cancel).click();
    await page.locator("#stocks-cancel").waitFor({ state: "detached" });
    await page.locator("#stocks-message").getByText(/^❌ /).waitFor();

    // What was not done is a gap of the calendar. It is asked for, and fails.
    const gap = page.locator("#stocks-calendar a[data-day=trading][data-state=none]").last();
    const date = await gap.getAttribute("data-date");
    await shoot(page, `newcomer-gaps-${lang}`);
    await syncline.faults({ "missing-stocks": 8 });
    await gap.click();
    await button(words.start).click();
    await square(date, "failed").waitFor();

    // Find it, and read why.
    assert.match(await square(date).getAttribute("title"), words.rows);
    await page.getByRole("link", { name: date, exact: true }).click();
    const opened = page.locator("tr.opened");
    await opened.getByText(lang === "en" ? "8 stocks failed" : "部分失败: 8 只").waitFor();
    assert.equal(await opened.locator("li").count(), 8);
    await shoot(page, `newcomer-reads-${lang}`);

    // Retry it, and see the gap close without asking for the page again.
    await syncline.faults({});
    await page.evaluate(() => (window.stayed = true));
    await button(words.retry).click();
    await square(date, "succeeded").waitFor();
    assert.ok(await page.evaluate(() => window.stayed), "the same page all the time");
    const [, stored, failed] = (await square(date).getAttribute("title")).match(words.rows);
    assert.ok(Number(stored) > 80 && Number(failed) === 0, `${stored} rows, ${failed} failed`);
    await shoot(page, `newcomer-mended-${lang}`);

    // From the day to its rows, to the run that wrote them, and back to the rows by what that run wrote.
    await page.getByRole("link", { name: words.show, exact: true }).click();
    await page.locator(".subtitle").getByRole("link", { name: "#3", exact: true }).click();
    await page.locator("h1").getByText("#3 stocks.daily").waitFor();
    await shoot(page, `newcomer-run-${lang}`);
    await page.locator("#run-partitions").getByRole("link", { name: TABLE, exact: true }).click();

    // Take the rows along.
    await page.locator(".conditions").getByText(date).waitFor();
    await shoot(page, `newcomer-rows-${lang}`);
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator(".buttons").getByText("CSV").click()]);
    const [head, ...rows] = (await readFile(await download.path(), "utf8")).trimEnd().split(/\r?\n/).map((row) => row.split(","));
    const column = (name) => head.indexOf(name);
    assert.equal(rows.length, Number(stored), "the day's rows");
    assert.ok(rows.every((row) => row[column("trade_date")] === date), "no others");
    assert.equal(new Set(rows.map((row) => row[column("stock_code")])).size, rows.length, "each stock once");
    assert.ok(rows.every((row) => /^\d{6}$/.test(row[column("stock_code")]) && Number(row[column("close_price")]) > 0));
    await page.ended();
    await syncline.close();
  });
}
