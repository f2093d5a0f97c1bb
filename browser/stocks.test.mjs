// The stocks page, as an operator uses it: with the mouse, in both languages, with and without JavaScript.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { closeBrowser, open, shoot, site, until } from "./bed.mjs";

// Seven trading days and a weekend, long past, so that the market's bars are all published.
const RANGE = ["2025-10-30", "2025-11-07"];

let syncline;
before(async () => (syncline = await site({ stocks: 120 })));
after(async () => {
  await closeBrowser();
  await syncline?.close();
});

const stocks = (page, lang, rest = "") => page.goto(`${syncline.url}/stocks?lang=${lang}${rest}`);

// Fills the form as a person does and sends it; answers what was asked before sending.
async function ask(page, [first, last]) {
  let question = "";
  page.once("dialog", (dialog) => {
    question = dialog.message();
    return dialog.accept();
  });
  await page.locator("input[name=start_date]").fill(first);
  await page.locator("input[name=end_date]").fill(last);
  await page.locator("#start-batch").click();
  return question;
}

// No run is under way any more, whatever an earlier claim left.
async function calm() {
  await syncline.faults({});
  await until("nothing runs", async () => {
    const { data } = await syncline.json("/api/v1/sync-status/sync/batch/active");
    if (data) await syncline.json(`/api/v1/sync-status/sync/batch/${data.task_id}/cancel`, {});
    return !data;
  });
}

const text = (page, selector) => page.locator(selector).innerText();

describe("the documented words", () => {
  test("are all there before anything ran", async () => {
    const page = await open();
    await stocks(page, "zh");
    const said = await text(page, "main");
    for (const words of [
      "🔄 数据同步状态管理", "监控和管理每日数据同步任务", "批量同步：", "至", "开始同步", "同步今日数据",
      "总天数", "成功", "失败", "同步中", "📋 同步记录 (共 0 条)", "开始日期", "结束日期", "状态", "查询", "暂无同步记录",
      "💡 使用说明", "同步今日数据: 手动触发今日数据同步", "批量同步: 选择开始和结束日期进行批量同步",
      "自动同步: 系统每晚20:00自动同步当日数据", "状态说明: 成功=已完成, 失败=需重试, 同步中=正在进行, 跳过=非交易日",
      "查询功能: 支持按日期范围和状态筛选，每页显示50条记录",
    ]) assert.ok(said.includes(words), `${words} is missing from:\n${said}`);
    const choices = await page.locator("select[name=status] option").allInnerTexts();
    assert.deepEqual(choices, ["全部", "成功", "失败", "同步中", "跳过"]);
    await shoot(page, "stocks-empty-zh");
    await page.ended();
  });

  test("tell what a form lacks, and nothing starts", async () => {
    const page = await open({ javaScriptEnabled: false });
    await stocks(page, "zh");
    await page.locator("#start-batch").click();
    assert.equal(await text(page, "#stocks-alert"), "⚠️ 请选择开始日期和结束日期");
    await page.locator("input[name=start_date]").fill(RANGE[1]);
    await page.locator("input[name=end_date]").fill(RANGE[0]);
    await page.locator("#start-batch").click();
    assert.equal(await text(page, "#stocks-alert"), "⚠️ 开始日期不能晚于结束日期");
    assert.equal(await page.locator("input[name=start_date]").inputValue(), RANGE[1], "what was written stays");
    assert.equal((await syncline.json("/api/v1/sync-status/sync/batch/active")).data, null);
    await page.ended();
  });

  test("the button waits for both dates", async () => {
    const page = await open();
    await stocks(page, "en");
    const button = page.locator("#start-batch");
    assert.ok(await button.isDisabled());
    await page.locator("input[name=start_date]").fill(RANGE[0]);
    assert.ok(await button.isDisabled());
    await page.locator("input[name=end_date]").fill(RANGE[1]);
    assert.ok(await button.isEnabled());
    await page.ended();
  });
});

describe("a run", () => {
  test("is started, watched without polling, and told to its end", async () => {
    await calm();
    await syncline.faults({ latency: 150 });
    const page = await open();
    await stocks(page, "zh");
    const asked = [];
    page.on("request", (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
    assert.equal(await ask(page, RANGE), `确定要同步 ${RANGE[0]} 到 ${RANGE[1]} 的数据吗？`);
    const panel = page.locator("#stocks-active");
    await panel.getByText("🔄 后台同步进度").waitFor();
    await panel.getByText(/^[1-8]\/9 天$/).waitFor();
    const said = await panel.innerText();
    for (const words of [
      `同步范围: ${RANGE[0]} 至 ${RANGE[1]}`, "🔄 刷新", "📅 当前日期", "📊 进度", "✅ 成功", "❌ 失败", "⏭️ 跳过",
      "⏰ 开始: ", "取消", "暂停", "继续",
    ]) assert.ok(said.includes(words), `${words} is missing from:\n${said}`);
    assert.match(said, /\d+(\.\d)?%/);
    assert.match(said, /💬 \S/);
    assert.match(await text(page, "#stocks-message"), /进度: \d\/9 \([\d.]+%\)\s+成功: \d, 失败: 0, 跳过: \d/);
    assert.ok(await page.locator("#start-batch").isDisabled(), "one run at a time");
    await shoot(page, "stocks-running-zh");
    await page.locator("#stocks-message").getByText(/^✅ 批量同步完成: 成功7, 失败0, 跳过2, 耗时/).waitFor();
    await panel.getByText("🔄 后台同步进度").waitFor({ state: "detached" });
    await page.getByText("📋 同步记录 (共 9 条)").waitFor();
    const head = await page.locator("#stocks-records th[scope=col]").allInnerTexts();
    assert.deepEqual(head, ["日期", "状态", "总数", "成功", "失败", "开始时间", "结束时间", "耗时", "备注"]);
    const reads = asked.filter((line) => line.startsWith("GET") && !line.startsWith("GET /assets"));
    assert.ok(reads.filter((line) => line === "GET /stocks").length <= 1, `only the form's own answer: ${reads}`);
    await shoot(page, "stocks-done-zh");
    await page.ended();
  });

  test("is paused, resumed and cancelled by its buttons", async () => {
    await calm();
    await syncline.faults({ latency: 300 });
    const page = await open();
    await stocks(page, "en");
    await ask(page, ["2025-09-01", "2025-09-30"]);
    const button = (verb) => page.locator(`#stocks-${verb}`);
    await button("pause").click();
    await page.locator("#stocks-resume:enabled").waitFor();
    assert.ok(await button("pause").isDisabled());
    const { data } = await syncline.json("/api/v1/sync-status/sync/batch/active");
    assert.equal(data.progress.status, "paused");
    await shoot(page, "stocks-paused-en");
    await button("resume").click();
    await page.locator("#stocks-pause:enabled").waitFor();
    await button("cancel").click();
    await page.locator("#stocks-message").getByText(/^❌ /).waitFor();
    await page.locator("#stocks-cancel").waitFor({ state: "detached" });
    assert.equal((await syncline.json(`/api/v1/sync-status/sync/batch/progress/${data.task_id}`)).data.status, "cancelled");
    await page.ended();
  });

  test("is shown as it is now, also when the answer to a form comes late", async () => {
    await calm();
    await syncline.faults({ latency: 400 });
    const page = await open();
    await stocks(page, "en");
    await ask(page, ["2025-06-01", "2025-06-30"]);
    await page.locator("#stocks-cancel:enabled").waitFor();
    const old = await (await fetch(page.url())).text();
    await page.route("**/cancel?*", async (route) => {
      await route.fetch();
      await page.locator("#stocks-cancel").waitFor({ state: "detached" });
      await route.fulfill({ contentType: "text/html", body: old });
    });
    const late = page.waitForResponse("**/cancel?*");
    await page.locator("#stocks-cancel").click();
    await late;
    await page.locator("#stocks-message").getByText(/^❌ /).waitFor();
    await page.locator("#stocks-cancel").waitFor({ state: "detached" });
    await page.locator("#start-batch:not([data-busy])").waitFor();
    await page.ended();
  });

  test("of a schedule and of a command is shown like any", async () => {
    await calm();
    const page = await open();
    await stocks(page, "en");
    for (const command of [
      ["schedules", "run", "stocks.daily_sync"],
      ["stocks", "sync", "--from", "2025-02-05", "--to", "2025-02-14"],
    ]) {
      await syncline.faults({ latency: 500 });
      await syncline.command(...command);
      await page.getByText("🔄 Sync in the background").waitFor();
      await calm();
      await page.getByText("🔄 Sync in the background").waitFor({ state: "detached" });
    }
    await page.getByText("2025-02-05").waitFor();
    await page.ended();
  });

  test("is refused in words while another is under way", async () => {
    await calm();
    await syncline.faults({ latency: 400 });
    const page = await open({ javaScriptEnabled: false });
    await stocks(page, "zh");
    await syncline.json("/api/v1/sync-status/sync/batch", { start_date: RANGE[0], end_date: RANGE[1], force: true });
    await page.locator("input[name=start_date]").fill(RANGE[0]);
    await page.locator("input[name=end_date]").fill(RANGE[1]);
    await page.locator("#start-batch").click();
    assert.match(await text(page, "#stocks-alert"), /^❌ 同步失败: /);
    await calm();
    await page.ended();
  });

  test("is followed for more than three hours", async () => {
    await calm();
    await syncline.faults({ latency: 400 });
    const page = await open();
    await page.clock.install();
    await stocks(page, "zh");
    await ask(page, ["2025-08-01", "2025-08-31"]);
    const days = page.locator("#stocks-active").getByText(/^\d+\/31 天$/);
    await days.waitFor();
    await page.clock.fastForward("03:30:00");
    const before = await days.innerText();
    await page.waitForFunction((text) => {
      const panel = document.querySelector("#stocks-active");
      return panel && !panel.innerText.includes(text) && /\d+\/31 天/.test(panel.innerText);
    }, before);
    await syncline.faults({});
    await page.locator("#stocks-message").getByText(/^✅ 批量同步完成/).waitFor();
    await page.ended();
  });

  test("is started and cancelled without JavaScript", async () => {
    await calm();
    await syncline.faults({ latency: 400 });
    const page = await open({ javaScriptEnabled: false });
    await stocks(page, "en");
    await page.locator("input[name=start_date]").fill("2025-07-01");
    await page.locator("input[name=end_date]").fill("2025-07-31");
    await page.locator("#start-batch").click();
    await page.getByText("🔄 Sync in the background").waitFor();
    // The page that answers the form must be there before it is asked for again.
    const landed = page.waitForNavigation();
    await page.locator("#stocks-cancel").click();
    await landed;
    await until("the run has ended", async () => (await page.reload()) && !(await page.locator("#stocks-cancel").count()));
    assert.match(await text(page, "#stocks-message"), /^❌ /);
    await page.ended();
  });
});

describe("a day", () => {
  test("that failed is found, read and retried", async () => {
    await calm();
    await syncline.faults({ "missing-stocks": 8 });
    const page = await open();
    await stocks(page, "zh");
    const day = "2025-10-15";
    await ask(page, [day, day]);
    await page.locator("#stocks-message").getByText(/^✅ 批量同步完成: 成功0, 失败1/).waitFor();
    await page.locator("select[name=status]").selectOption("failed");
    await page.getByRole("button", { name: "查询" }).click();
    await page.getByText("📋 同步记录 (共 1 条)").waitFor();
    await page.locator(`#day-${day}`).click();
    const opened = page.locator("tr.opened");
    await opened.getByText("部分失败: 8 只").waitFor();
    assert.equal(await opened.locator("li").count(), 8);
    assert.match(await opened.locator("li").first().innerText(), /^\S+ .*获取数据失败或无数据$/);
    await shoot(page, "stocks-failed-day-zh");
    await syncline.faults({});
    await opened.getByRole("button", { name: "重试" }).click();
    await page.getByText("📋 同步记录 (共 0 条)").waitFor();
    await page.getByText("暂无同步记录").waitFor();
    await page.ended();
  });

  test("of which more failed than are shown leads to all of them", async () => {
    await calm();
    await syncline.faults({ "missing-stocks": 110 });
    const page = await open();
    await stocks(page, "en");
    const day = "2025-10-16";
    await ask(page, [day, day]);
    await page.locator("#stocks-message").getByText(/^✅ /).waitFor();
    await stocks(page, "en", `&open=${day}`);
    assert.equal(await page.locator("tr.opened li").count(), 100);
    await page.getByRole("link", { name: "Show all 110 failed stocks" }).click();
    await page.locator("h1").getByText("110 of").waitFor();
    await syncline.faults({});
    await page.ended();
  });

  test("of the calendar shows what is there, stands in its weekday's column, and fills the form", async () => {
    await calm();
    const page = await open();
    await stocks(page, "en");
    const today = new Date(Date.now() + 8 * 3600_000);
    const recent = Array.from({ length: 7 }, (_, back) => new Date(today - (back + 3) * 86_400_000).toISOString().slice(0, 10));
    await ask(page, [recent.at(-1), recent[0]]);
    await page.locator("#stocks-message").getByText(/^✅ /).waitFor();
    const stored = page.locator("#stocks-calendar a[data-state=succeeded]");
    await stored.first().waitFor();
    const days = await page.locator("#stocks-calendar a.day").evaluateAll((squares) =>
      squares.map((square) => [square.dataset.date, getComputedStyle(square).gridColumnStart]));
    assert.ok(days.length > 60);
    for (const [date, column] of days) {
      assert.equal(Number(column), ((new Date(date).getUTCDay() + 6) % 7) + 1, date);
    }
    assert.match(await stored.first().getAttribute("title"), /trading day · Succeeded · \d+ rows stored, 0 stocks failed · adjustflag \d/);
    const date = await stored.first().getAttribute("data-date");
    await stored.first().click();
    assert.equal(await page.locator("input[name=start_date]").inputValue(), date);
    assert.equal(await page.locator("input[name=end_date]").inputValue(), date);
    await shoot(page, "stocks-calendar-en");
    await page.ended();
  });
});

test("records are paged by fifty and filtered by dates", async () => {
  await calm();
  const range = { start_date: "2025-04-01", end_date: "2025-06-20" };
  const { data } = await syncline.json("/api/v1/sync-status/sync/batch", range);
  assert.ok(data, "a run of 81 days");
  const page = await open();
  await stocks(page, "zh", "&from=2025-04-01&to=2025-06-20");
  await page.locator("#stocks-message").getByText(/^✅ /).waitFor();
  await page.getByText("第 1 页，共 2 页 | 总计 81 条记录").waitFor();
  assert.equal(await page.locator("#stocks-records tbody tr").count(), 50);
  for (const [link, where] of [["末页", 2], ["上一页", 1], ["下一页", 2], ["首页", 1]]) {
    await page.getByRole("link", { name: link, exact: true }).click();
    await page.getByText(`第 ${where} 页，共 2 页`).waitFor();
  }
  await page.ended();
});

test("a server that went away is waited for, and the page goes on without a reload", async () => {
  await calm();
  const page = await open();
  await stocks(page, "en", "&from=2025-03-03&to=2025-03-03");
  await page.locator("#live[data-state=on]").waitFor();
  await page.evaluate(() => (window.stayed = true));
  await syncline.die();
  await page.locator("#live[data-state=off]").waitFor();
  await syncline.rise();
  await page.locator("#live[data-state=on]").waitFor();
  await syncline.json("/api/v1/sync-status/sync/batch", { start_date: "2025-03-03", end_date: "2025-03-03" });
  await page.locator("#day-2025-03-03").waitFor();
  assert.ok(await page.evaluate(() => window.stayed), "the same page all the time");
  await page.ended();
});
