// The pages of races, filled: a season's calendar, a plan from its making to its end, results, standings and statistics.
// In both languages, and with and without JavaScript.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { closeBrowser, open, shoot, site, until } from "./bed.mjs";

const AXE = await readFile(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

// Its races are all to come, so that attempts wait until somebody asks for them.
const season = new Date().getUTCFullYear() + 1;

const WORDS = {
  zh: {
    calendar: `${season} 赛季（24 站）`, pending: "等待中", partial: "部分成功", success: "成功", cancelled: "已取消", stored: /^已保存 20$/,
    none: "暂无数据", unpublished: "数据尚未发布", superseded: "其他尝试已完成", done: "已完成", noPlan: "无", ran: "共 3 次尝试，已执行 2 次",
    bad: /小时数应为 1 至 20 个/, empty: "本站还没有已保存的数据。",
    sheets: ["比赛结果", "冲刺赛结果", "排位赛结果", "车手积分榜", "车队积分榜"],
  },
  en: {
    calendar: `Season ${season} (24 races)`, pending: "pending", partial: "partial", success: "success", cancelled: "cancelled", stored: /^stored 20$/,
    none: "no data yet", unpublished: "not published yet", superseded: "another attempt was complete", done: "completed", noPlan: "none",
    ran: "2 of 3 attempts have run", bad: /^The hours must be/, empty: "Nothing is stored of this round yet.",
    sheets: ["Race", "Sprint", "Qualifying", "Driver standings", "Constructor standings"],
  },
};

// A weekend with a sprint for each.
const CASES = [
  { lang: "zh", javaScriptEnabled: true, round: 2 },
  { lang: "en", javaScriptEnabled: true, round: 6 },
  { lang: "zh", javaScriptEnabled: false, round: 13 },
  { lang: "en", javaScriptEnabled: false, round: 19 },
];

let syncline;
before(async () => {
  syncline = await site({ season });
});
after(async () => {
  await closeBrowser();
  await syncline?.close();
});

// Without JavaScript a person asks for the page again.
const looked = (page, javaScriptEnabled, what, look) =>
  until(what, async () => (await look()) || (javaScriptEnabled ? false : (await page.reload(), false)));

const texts = (page, selector) => page.locator(selector).allInnerTexts();

// The simulated source some hours after the start of a race.
async function hoursAfterTheStart(round, hours) {
  const { data } = await syncline.json(`/api/v1/races/${season}`);
  const start = new Date(data.find((race) => race.round === round).start_time);
  await syncline.raceTime(new Date(start.getTime() + hours * 3_600_000).toISOString());
}

test("the first visitor fetches the calendar, and it comes without asking again", async () => {
  const page = await open();
  await page.goto(`${syncline.url}/races?season=${season}&lang=en`);
  await page.locator("#sync-calendar.main").click();
  await page.locator("#calendar-title").getByText(WORDS.en.calendar).waitFor();
  assert.equal(await page.locator("#races-calendar tbody tr").count(), 24);
  const sprints = await page.locator("#races-calendar tbody tr", { hasText: "sprint" }).count();
  assert.equal(sprints, 6);
  await page.ended();
});

for (const { lang, javaScriptEnabled, round } of CASES) {
  const w = WORDS[lang];
  test(`a plan is made, run, completed and taken back, in ${lang}, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async () => {
    const page = await open({ javaScriptEnabled });
    page.on("dialog", (dialog) => dialog.accept());
    const look = (what, how) => looked(page, javaScriptEnabled, what, how);
    const row = (number) => page.locator("#race-attempts tbody tr").nth(number - 1);
    const status = async (number) => (await row(number).locator(".badge").innerText()).trim();
    const becomes = (number, word) => look(`attempt ${number} is ${word}`, async () => (await status(number)) === word);

    // From the season to the race.
    await page.goto(`${syncline.url}/races?season=${season}&lang=${lang}`);
    const line = page.locator("#races-calendar tbody tr").nth(round - 1);
    assert.equal((await line.locator(".badge").first().innerText()).trim(), w.noPlan);
    await line.locator("th a").click();
    await page.getByText(w.empty).waitFor();

    // Hours that are none are refused with what was written; others make the plan, in their order.
    await page.locator("#plan-hours").fill("6, 6");
    await page.locator("#schedule-plan").click();
    await page.locator("#races-alert").getByText(w.bad).waitFor();
    assert.equal(await page.locator("#plan-hours").inputValue(), "6, 6");
    await page.locator("#plan-hours").fill("24, 6，12");
    await page.locator("#schedule-plan").click();
    await page.locator("#cancel-plan").waitFor();
    assert.deepEqual(await texts(page, "#race-attempts tbody th small"), ["+6 h", "+12 h", "+24 h"]);
    assert.deepEqual([await status(1), await status(2), await status(3)], [w.pending, w.pending, w.pending]);

    // The first attempt comes before the standings.
    await hoursAfterTheStart(round, 9);
    await row(1).locator("#execute-1").click();
    await becomes(1, w.partial);
    const cells = await row(1).locator("td:has(.dot)").allInnerTexts();
    assert.equal(cells.length, 5);
    cells.slice(0, 3).forEach((cell) => assert.match(cell.trim(), w.stored));
    cells.slice(3).forEach((cell) => assert.ok(cell.includes(w.none) && cell.includes(w.unpublished), cell));
    await shoot(page, `race-partial-${lang}-${javaScriptEnabled ? "live" : "plain"}`);

    // The second is complete, and the third is not needed any more.
    await syncline.raceTime(null);
    await row(2).locator("#execute-2").click();
    await becomes(2, w.success);
    await becomes(3, w.cancelled);
    assert.ok((await row(3).innerText()).includes(w.superseded));
    await page.locator("#race-attempts").getByText(w.ran).waitFor();
    assert.equal((await page.locator("#race-plan .badge").innerText()).trim(), w.done);
    assert.deepEqual(await texts(page, "#race-stored h2"), w.sheets);
    for (const [sheet, rows] of [["race-results", 20], ["sprint-results", 20], ["qualifying-results", 20], ["driver-standings", 20], ["constructor-standings", 10]]) {
      assert.equal(await page.locator(`#${sheet} tbody tr`).count(), rows, sheet);
    }
    const { data } = await syncline.json(`/api/v1/races/${season}/${round}/results`);
    const first = (await page.locator("#race-results tbody tr").first().innerText()).split("\t");
    const winner = data[0];
    const { grid, laps, time_text, points } = winner;
    assert.deepEqual(first, ["1", winner.driver_name, winner.constructor_name, ...[grid, laps, time_text, points].map(String)]);
    await shoot(page, `race-complete-${lang}-${javaScriptEnabled ? "live" : "plain"}`);

    // Back at the season: the plan's state, and one of two attempts had the standings.
    await page.locator(".back a").click();
    assert.equal((await line.locator(".badge").first().innerText()).trim(), w.done);
    assert.equal(await page.locator("#races-statistics dd").count(), 5);

    // The other way to a plan, from the season's list; and back.
    await page.locator(`#schedule-${round + 1}`).click();
    const next = page.locator("#races-calendar tbody tr").nth(round);
    await next.getByText(w.pending).waitFor();
    await next.locator("th a").click();
    await page.locator("#cancel-plan").click();
    await page.locator("#schedule-plan").waitFor();
    assert.deepEqual([await status(1), await status(2), await status(3)], [w.cancelled, w.cancelled, w.cancelled]);
    await page.ended();
  });
}

test("a change of a plan arrives while the pages are open, whoever made it", async () => {
  const route = `/api/v1/post-race-sync/${season}/23/schedule`;
  const [race, calendar] = [await open(), await open()];
  await race.goto(`${syncline.url}/races/${season}/23?lang=en`);
  await calendar.goto(`${syncline.url}/races?season=${season}&lang=en`);
  for (const page of [race, calendar]) {
    await page.locator("#live[data-state=on]").waitFor();
    await page.evaluate(() => (document.body.dataset.same = "yes"));
  }
  const state = calendar.locator("#races-calendar tbody tr").nth(22).locator(".badge").first();
  const statuses = () => texts(race, "#race-attempts tbody .badge");
  assert.equal((await state.innerText()).trim(), WORDS.en.noPlan);
  await syncline.json(route, {});
  await until("the attempts have come", async () => (await statuses()).join() === "pending,pending,pending");
  await state.getByText("pending").waitFor();
  await fetch(syncline.url + route, { method: "DELETE" });
  await until("the attempts are taken back", async () => (await statuses()).join() === "cancelled,cancelled,cancelled");
  await state.getByText("cancelled").waitFor();
  for (const page of [race, calendar]) {
    assert.equal(await page.locator("body").getAttribute("data-same"), "yes", "it is the page that was opened");
    await page.ended();
  }
});

test("what goes wrong upstream is said at the attempt, in words", async () => {
  await syncline.raceTime(null);
  await syncline.raceFaults([{ path: `/${season}/22/qualifying`, kind: "html" }]);
  await syncline.json(`/api/v1/post-race-sync/${season}/22/schedule`, {});
  const page = await open();
  await page.goto(`${syncline.url}/races/${season}/22?lang=en`);
  await page.locator("#execute-1").click();
  await page.locator("#race-attempts .badge").getByText("partial").waitFor();
  await page.locator("#race-attempts tbody tr").first().locator("td .dot", { hasText: "failed" }).waitFor();
  await page.locator("#race-attempts tbody tr").first().locator("td .dot", { hasText: "not applicable" }).waitFor();
  await shoot(page, "race-failed-en");
  await syncline.raceFaults([]);
  await page.ended();
});

const VIEWS = { season: `/races?season=${season}`, race: `/races/${season}/13` };
const SIZES = { desk: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

for (const [name, path] of Object.entries(VIEWS)) {
  for (const lang of ["zh", "en"]) {
    for (const colorScheme of ["light", "dark"]) {
      for (const [size, viewport] of Object.entries(SIZES)) {
        test(`the ${name}, filled, is read by everyone in ${lang}, ${colorScheme}, at the ${size}`, async () => {
          const page = await open({ viewport, colorScheme, bypassCSP: true });
          await page.goto(`${syncline.url}${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(wide <= 0, `the page is ${wide} px wider than the screen`);
          await page.evaluate(AXE);
          const { violations } = await page.evaluate(() => axe.run());
          const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
          assert.deepEqual(serious.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0].html}`), []);
          await shoot(page, `filled-${name}-${lang}-${colorScheme}-${size}`);
          await page.ended();
        });
      }
    }
  }
}
