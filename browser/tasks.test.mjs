// The tasks' pages, as people use them: syncs started and told of, tasks matched to packages, files in and out.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { closeBrowser, open, shoot, site, until } from "./bed.mjs";

const AXE = await readFile(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const DESK = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

let syncline;
let csv;
before(async () => {
  syncline = await site({ tasksPerDay: 2 });
  csv = join(tmpdir(), `syncline-packages-${process.pid}.csv`);
  await writeFile(csv, await syncline.packages());
});
after(async () => {
  await closeBrowser();
  await syncline?.close();
});

const faults = (...faults) => syncline.taskFaults(...faults);
const go = (page, path, lang) => page.goto(`${syncline.url}${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
const text = (page, selector) => page.locator(selector).innerText();
const sync = (kind) => syncline.json(`/api/sync/${kind}/manual`, {});

describe("before anything was synced", () => {
  test("the pages say so, and what to do", async () => {
    const page = await open();
    await go(page, "/tasks", "zh");
    await page.getByText("还没有同步记录").waitFor();
    assert.equal(await page.locator(".unread-count").count(), 0);
    assert.match(await text(page, "#tasks-panel"), /T-3天至昨日[\s\S]*上次: 从未[\s\S]*今日0:00至当前/);
    await shoot(page, "tasks-empty-zh");
    await go(page, "/tasks/matching", "zh");
    await page.getByText("没有待处理的任务。").waitFor();
    await go(page, "/tasks/packages", "zh");
    await page.getByText("还没有数据包").waitFor();
    await page.ended();
  });
});

describe("packages", () => {
  test("come in from a file, tried first", async () => {
    const page = await open();
    await go(page, "/tasks/packages", "zh");
    await page.locator("#package-file").setInputFiles(csv);
    await page.getByLabel("只预览，不导入").check();
    await page.locator("#import-packages").click();
    await page.locator("#packages-said").getByText("未作任何改动").waitFor();
    await page.locator("#import-packages").click();
    await page.locator("#packages-said").getByText(/^新增 9 {1,2}更新 0/).waitFor();
    // What was said is drawn before the list comes.
    await page.locator("#packages-list tbody tr").nth(8).waitFor();
    assert.equal(await page.locator("#packages-list tbody tr").count(), 9);
    await page.ended();
  });

  test("with bad lines are told by line and column", async () => {
    const bad = `${csv}.bad`;
    await writeFile(bad, "数据包ID,数据包名称,职场,年级,有效数\n9,b20250101,甲,乙,x\n,c20250101,甲,乙,1\n");
    const page = await open();
    await go(page, "/tasks/packages", "en");
    await page.locator("#package-file").setInputFiles(bad);
    await page.locator("#import-packages").click();
    const said = page.locator("#packages-said");
    await said.getByText("it is no whole number from 0 on").waitFor();
    assert.match(await said.innerText(), /2\s+valid_leads[\s\S]*3\s+external_package_id/);
    await shoot(page, "tasks-import-errors-en");
    await page.ended();
  });

  test("are written and deleted by hand, without JavaScript too", async () => {
    for (const javaScriptEnabled of [true, false]) {
      const page = await open({ javaScriptEnabled });
      page.on("dialog", (dialog) => dialog.accept());
      await go(page, "/tasks/packages", "zh");
      await page.locator("#new-package").click();
      await page.locator("input[name=external_package_id]").fill("77");
      await page.locator("input[name=name]").fill("甲20250101.csv");
      await page.locator("#packages-editor input[name=region]").fill("甲");
      await page.locator("input[name=grade]").fill("乙");
      await page.locator("input[name=valid_leads]").fill("many");
      await page.locator("#save-package").click();
      await page.getByText("不是非负整数").waitFor();
      await page.locator("input[name=valid_leads]").fill("12");
      await page.locator("#save-package").click();
      await page.getByText("数据包 77 已保存").waitFor();
      await page.getByText("甲-0101-乙-12").waitFor();
      await page.getByRole("button", { name: "删除数据包 77" }).click();
      await page.getByText("数据包已删除").waitFor();
      await page.ended();
    }
  });

  test("that somebody else writes come to the open page", async () => {
    const page = await open();
    await go(page, "/tasks/packages?edit=new", "zh");
    await page.locator("#live[data-state=on]").waitFor();
    await page.locator("input[name=name]").fill("正在填写");
    const other = { external_package_id: "78", name: "甲20250102", region: "甲", grade: "乙", valid_leads: 12 };
    const { id } = await syncline.json("/api/v1/tasks/packages", other);
    await page.locator("#packages-list").getByText("甲-0102-乙-12").waitFor();
    assert.equal(await page.locator("input[name=name]").inputValue(), "正在填写", "what is being written stays");
    await fetch(`${syncline.url}/api/v1/tasks/packages/${id}`, { method: "DELETE" });
    await page.locator("#packages-list").getByText("甲-0102-乙-12").waitFor({ state: "detached" });
    await page.ended();
  });

  test("go out as a file that comes in again", async () => {
    const page = await open();
    await go(page, "/tasks/packages", "zh");
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#export-packages").click()]);
    await page.locator("#package-file").setInputFiles(await download.path());
    await page.locator("#import-packages").click();
    await page.locator("#packages-said").getByText(/新增 0 {1,2}更新 0 {1,2}未变 9/).waitFor();
    await page.ended();
  });
});

describe("a sync", () => {
  test("is started by its button, watched, told to its end and acknowledged", async () => {
    await faults("slow=700");
    const page = await open();
    await go(page, "/tasks", "zh");
    await page.locator("#sync-today").click();
    await page.locator("#tasks-panel").getByText(/同步中…/).waitFor();
    assert.ok(await page.locator("#sync-today").isDisabled());
    assert.ok(await page.locator("#sync-historical").isEnabled(), "the other one may run beside it");
    await shoot(page, "tasks-running-zh");
    await faults();
    const told = page.locator("#tasks-told");
    await told.getByText(/^今日数据 成功：总数 \d+，新增 \d+，更新 0，匹配 \d+，待匹配 \d+，失败 0，耗时 \d+ 秒$/).waitFor();
    await page.locator("#sync-today:enabled").waitFor();
    assert.match(await text(page, "#tasks-panel"), /上次: \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/);
    const badge = page.locator(".unread-count");
    await badge.waitFor();
    assert.match(await badge.innerText(), /^1/);
    await badge.click();
    await page.locator("#tasks-records tbody tr.unread").waitFor();
    await page.locator("#read-all").click();
    await badge.waitFor({ state: "detached" });
    await page.ended();
  });

  test("is started without JavaScript, and the red dot is on every page", async () => {
    const page = await open({ javaScriptEnabled: false });
    await go(page, "/tasks", "en");
    await page.locator("#sync-historical").click();
    // Only the page that answers the form tells of its sync: it must be there before it is asked for again.
    await page.waitForURL(/[?&]record=\d+/);
    await until("the sync has ended", async () => (await page.reload()) && (await page.locator("#tasks-told .box").count()));
    assert.match(await text(page, "#tasks-told"), /^Past days succeeded: \d+ tasks/);
    for (const path of ["/", "/stocks", "/races", "/runs", "/schedules", "/tables", "/api/docs"]) {
      await page.goto(syncline.url + path);
      assert.equal(await page.locator(".top .unread-count").count(), 1, path);
    }
    await page.ended();
  });

  test("that is in the way is named in three lines", async () => {
    await faults("slow=1500");
    const page = await open({ javaScriptEnabled: false });
    await go(page, "/tasks", "zh");
    await syncline.json("/api/sync/today/manual?async=1", {});
    await page.locator("#sync-today").click();
    const alert = await text(page, "#tasks-alert");
    assert.match(alert, /^同步任务正在进行中，请稍后再试\n锁定者：\S+-\d+\n锁定时间：\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    await faults();
    await until("it has ended", async () => !(await syncline.json("/api/sync/status")).data.today.syncing);
    await page.ended();
  });

  test("that is partly done tells which tasks failed, and is acknowledged alone", async () => {
    await faults("bad-rows");
    const { record_id: record, summary } = await sync("today");
    await faults();
    assert.equal(summary.failed, 3);
    const page = await open();
    await go(page, `/tasks/records/${record}`, "zh");
    await page.getByText("失败任务（3）").waitFor();
    const errors = await text(page, "#record-errors");
    for (const words of ["任务ID", "任务名称", "错误", "任务ID缺失", "任务名称缺失", "字段格式错误"]) assert.ok(errors.includes(words), errors);
    await shoot(page, "tasks-record-zh");
    await page.locator("#read-one").click();
    await page.locator("#read-one").waitFor({ state: "detached" });
    await page.getByText("已读时间").waitFor();
    await page.ended();
  });

  test("is drawn in three charts, each with its numbers", async () => {
    const page = await open();
    await go(page, "/tasks", "en");
    for (const id of ["success-rate", "match-rate", "durations"]) {
      await page.locator(`#${id}-numbers summary`).click();
      assert.ok((await page.locator(`#${id}-numbers tbody tr`).count()) > 0, id);
    }
    assert.ok((await page.locator(".plot title").count()) > 3, "each mark says what it is");
    await shoot(page, "tasks-charts-en");
    await page.ended();
  });
});

describe("matching", () => {
  test("goes through the dialog, with what fits best chosen", async () => {
    const page = await open();
    await go(page, "/tasks/matching", "zh");
    const group = page.locator(".group", { hasText: "禹州-0826-高中-721" });
    assert.match(await group.innerText(), /推荐: 541437 禹州-0826-高中-1000\s*83 %/);
    await shoot(page, "tasks-matching-zh");
    await group.locator("input[data-whole]").check();
    assert.ok(await page.locator("#task-7100007").isChecked(), "the group's box stands for its rows");
    await page.locator("#task-7100007").uncheck();
    assert.ok(!(await group.locator("input[data-whole]").isChecked()));
    await page.locator("#task-7100007").check();
    await page.locator("#bulk-match").click();
    const dialog = page.locator("dialog.choosing");
    await dialog.getByText("匹配任务到数据包").waitFor();
    assert.ok(await dialog.evaluate((box) => box.matches(":modal")));
    assert.match(await dialog.innerText(), /智能推荐[\s\S]*541437[\s\S]*83 %[\s\S]*62 %[\s\S]*60 %[\s\S]*60 %/);
    assert.ok(await dialog.locator("input[type=radio]").first().isChecked());
    await shoot(page, "tasks-dialog-zh");
    await page.locator("#confirm-match").click();
    await page.locator("#matching-said").getByText(/已更新 1/).waitFor();
    await dialog.waitFor({ state: "detached" });
    await page.locator("[data-tab=matched]").click();
    await page.getByText("✅ 已匹配到数据包: 禹州-0826-高中-1000").first().waitFor();
    await shoot(page, "tasks-matched-zh");
    await page.ended();
  });

  test("works without JavaScript, and decisions are taken back", async () => {
    const page = await open({ javaScriptEnabled: false });
    await go(page, "/tasks/matching?q=7100006", "en");
    await page.getByRole("button", { name: /^Match the tasks of/ }).click();
    await page.locator("#other-package").fill("550002");
    await page.locator("#confirm-match").click();
    await page.getByText("1 changed, 0 unchanged, 0 failed").waitFor();
    await go(page, "/tasks/matching?state=matched&q=7100006", "en");
    await page.locator("#task-7100006").check();
    await page.locator("#bulk-idle").click();
    await go(page, "/tasks/matching?state=idle", "en");
    await page.locator("#task-7100006").check();
    await page.locator("#bulk-rematch").click();
    await page.getByText("1 changed").waitFor();
    await go(page, "/tasks/matching?q=7100006", "en");
    assert.equal(await page.locator("#task-7100006").count(), 1);
    await page.ended();
  });

  test("is listed by the command line alike", async () => {
    await sync("today");
    await syncline.command("tasks", "list", "--state", "pending");
    await syncline.command("tasks", "records", "--unread");
    await syncline.command("tasks", "packages", "list");
  });
});

const PAGES = {
  tasks: "/tasks",
  record: "/tasks/records/1",
  matching: "/tasks/matching",
  matched: "/tasks/matching?state=all",
  packages: "/tasks/packages?edit=new",
};
for (const [name, path] of Object.entries(PAGES)) {
  for (const lang of ["zh", "en"]) {
    for (const [look, options] of [
      ["light-desk", { viewport: DESK, colorScheme: "light" }],
      ["dark-desk", { viewport: DESK, colorScheme: "dark" }],
      ["light-phone", { viewport: PHONE, colorScheme: "light" }],
      ["dark-phone", { viewport: PHONE, colorScheme: "dark" }],
    ]) {
      test(`${name} in ${lang}, ${look}`, async () => {
        const page = await open({ ...options, bypassCSP: true });
        await go(page, path, lang);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `the page is ${wide} px wider than the screen`);
        await page.evaluate(AXE);
        const { violations } = await page.evaluate(() => axe.run());
        const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
        assert.deepEqual(serious.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0].html} and ${nodes.length - 1} more`), []);
        await shoot(page, `tasks-${name}-${lang}-${look}`);
        await page.ended();
      });
    }
  }
}
