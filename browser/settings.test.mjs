// The viewer's own choices: language, colours and zone, with and without JavaScript; and forms that are sent twice.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closeBrowser, open, shoot, site, until } from "./bed.mjs";

const BERLIN = { timezoneId: "Europe/Berlin" };
const WORDS = {
  en: { berlin: "It is ", saved: "Saved.", dark: "Dark", server: "the server's zone", named: "another zone", other: "中文", save: "Save" },
  zh: { berlin: "该时区现在是", saved: "已保存", dark: "深色", server: "服务器时区", named: "其他时区", other: "English", save: "保存" },
};

let syncline;
before(async () => {
  syncline = await site();
  await syncline.faults({ "missing-stocks": 8 });
  await syncline.json("/api/v1/sync-status/sync/batch", { start_date: "2025-11-05", end_date: "2025-11-06" });
  await until("the run has ended", async () => (await syncline.json("/api/v1/runs/1")).ended_at);
});
after(async () => {
  await closeBrowser();
  await syncline?.close();
});

const offsets = (page) =>
  page.locator("main time[title]").evaluateAll((times) => [...new Set(times.map(({ title }) => title.slice(-6)))]);

test("times are in the browser's zone from the first page on, with the offset on hover, and stay so live", async () => {
  const page = await open(BERLIN);
  for (const path of ["/?lang=en", "/runs", "/runs/1", "/stocks"]) {
    await page.goto(syncline.url + path);
    await until(`${path} is in Berlin's zone`, async () => (await offsets(page)).join() === "+01:00");
  }
  await page.goto(`${syncline.url}/runs/1`);
  await page.locator("#live[data-state=on]").waitFor();
  const { id } = await syncline.json("/api/v1/runs/1/retry", {});
  await page.goto(`${syncline.url}/runs/${id}`);
  await until("it has ended on the page", async () => (await page.locator("#run-head time").count()) > 1);
  assert.deepEqual(await offsets(page), ["+01:00"]);
  await page.ended();
});

test("the page is not fetched anew when it was drawn in the browser's zone already", async () => {
  const page = await open(BERLIN);
  const fetched = [];
  page.on("request", (request) => request.isNavigationRequest() && fetched.push(request.url()));
  await page.goto(`${syncline.url}/runs`);
  await until("it is in Berlin's zone", async () => (await offsets(page)).join() === "+01:00");
  await page.goto(`${syncline.url}/runs/1`);
  await page.locator("#live[data-state=on]").waitFor();
  assert.deepEqual(fetched.map((url) => new URL(url).pathname), ["/runs", "/runs", "/runs/1"]);
  await page.ended();
});

test("nothing moves when the times of a page go on", async () => {
  const page = await open({ ...BERLIN, bypassCSP: true });
  await page.goto(`${syncline.url}/runs`);
  await until("it is in Berlin's zone", async () => (await offsets(page)).join() === "+01:00");
  await page.locator("#live[data-state=on]").waitFor();
  const moved = await page.evaluate(
    () =>
      new Promise((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (sum += value))).observe({
          type: "layout-shift",
          buffered: true,
        });
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
      }),
  );
  assert.ok(moved < 0.01, `the layout shifted by ${moved}`);
  await page.ended();
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";
  for (const lang of ["en", "zh"]) {
    const w = WORDS[lang];
    test(`language, colours and zone are chosen and kept, ${how}, in ${lang}`, async () => {
      const page = await open({ ...BERLIN, javaScriptEnabled, colorScheme: "light" });
      await page.goto(`${syncline.url}/settings?lang=${lang}`);
      const said = page.locator("#zone-said");
      const own = javaScriptEnabled ? /\+01:00/ : /\+08:00/;
      await until("the zone is said", async () => own.test(await said.textContent()));
      assert.ok((await said.textContent()).includes(w.berlin));

      await page.getByLabel(w.dark, { exact: true }).check();
      await page.getByLabel(w.named, { exact: true }).check();
      await page.locator("#zone-name").fill("Mars/Base");
      await page.getByRole("button", { name: w.save, exact: true }).click();
      await page.locator("#zone-said .error", { hasText: "Mars/Base" }).waitFor();
      await shoot(page, `settings-refused-${lang}-${javaScriptEnabled ? "js" : "plain"}`);

      await page.locator("#zone-name").fill("Asia/Kathmandu");
      await page.getByRole("button", { name: w.save, exact: true }).click();
      await page.locator(".settings [role=status]", { hasText: w.saved }).waitFor();
      assert.match(await said.textContent(), /\+05:45/);
      const ground = () => page.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
      assert.equal(await ground(), "rgb(18, 23, 22)");
      await page.goto(`${syncline.url}/runs`);
      assert.deepEqual(await offsets(page), ["+05:45"]);
      assert.equal(await ground(), "rgb(18, 23, 22)");
      await shoot(page, `settings-chosen-${lang}-${javaScriptEnabled ? "js" : "plain"}`);

      await page.goto(`${syncline.url}/settings`);
      await page.getByLabel(new RegExp(`^${w.server}`)).check();
      await page.getByLabel(w.other, { exact: true }).check();
      await page.getByRole("button", { name: w.save, exact: true }).click();
      await page.locator(`html[lang=${lang === "en" ? "zh" : "en"}]`).waitFor();
      assert.match(await said.textContent(), /\+08:00/);
      await page.ended();
    });
  }

  test(`a button pressed twice starts one run, ${how}`, async () => {
    const page = await open({ javaScriptEnabled });
    const before = (await syncline.json("/api/v1/runs")).runs[0].id;
    await page.goto(`${syncline.url}/runs/1?lang=en`);
    await page.locator("#run-retry").dblclick();
    await page.waitForURL(/\/runs\/\d+\??$/);
    await until("the retry has ended", async () => (await syncline.json(`/api/v1/runs/${before + 1}`)).ended_at);
    await page.goto(`${syncline.url}/runs/${before + 1}`);
    assert.equal((await syncline.json("/api/v1/runs")).runs[0].id, before + 1);
    await page.ended();
  });

  for (const lang of ["en", "zh"]) {
    test(`a page that has grown stale says that the run has ended, ${how}, in ${lang}`, async () => {
      const page = await open({ javaScriptEnabled });
      await syncline.faults({ latency: 1500 });
      const { data } = await syncline.json("/api/v1/sync-status/sync/batch", { start_date: "2025-09-01", end_date: "2025-09-30" });
      const [{ id }] = (await syncline.json("/api/v1/runs")).runs;
      assert.ok(data.task_id);
      // Nothing tells the page of what happens meanwhile.
      await page.route(/\/live\?/, (route) => route.abort());
      await page.goto(`${syncline.url}/runs/${id}?lang=${lang}`);
      await page.route(new RegExp(`/runs/${id}\\?`), (route) => (route.request().method() === "GET" ? route.abort() : route.continue()));
      await syncline.json(`/api/v1/runs/${id}/cancel`, {});
      await syncline.faults({});
      await until("it has ended", async () => (await syncline.json(`/api/v1/runs/${id}`)).ended_at);
      await page.locator("#run-pause").click();
      await page.locator("#notice", { hasText: lang === "en" ? `run ${id} has ended` : `运行 ${id} 已结束` }).waitFor();
      await shoot(page, `stale-${lang}-${javaScriptEnabled ? "js" : "plain"}`);
      await page.ended();
    });
  }
}
