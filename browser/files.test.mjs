// The files' pages, as people use them: a config between two folders is made, tried, run, stopped by its guard,
// confirmed, edited and deleted. In both languages, with and without JavaScript.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { closeBrowser, open, shoot, site, until } from "./bed.mjs";

const AXE = await readFile(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const DESK = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

const WORDS = {
  zh: {
    welcome: "还没有配置。", missing: "路径不能为空", cron: "每天凌晨2点执行（Asia/Shanghai）", badCron: "60 超出范围 0-59",
    test: "连接成功，共 3 项：", saved: "已保存。", plan: "这是一次运行将会做的事。目标未被修改。", extra: "源中没有",
    guard: /删除保护停止了运行 #\d+：计划删除 1 个文件（目标共 1 个），未删除任何文件。/, confirm: "确认删除 1 个文件并运行",
    done: "成功", gone: /源目录不存在: /, disabled: "已停用", overlap: "源与目标路径重叠",
  },
  en: {
    welcome: "There is none yet.", missing: "The path is needed", cron: "every day at 02:00 (Asia/Shanghai)", badCron: "`60` is outside 0 to 59",
    test: "Reached; 3 entries:", saved: "Saved.", plan: "This is what a run would do. The target was not touched.", extra: "not in the source",
    guard: /The delete guard stopped run #\d+: it would delete 1 of 1 files\. Nothing was deleted\./, confirm: "Delete 1 file and run",
    done: "succeeded", gone: /there is no source folder /, disabled: "disabled", overlap: "Source and target overlap",
  },
};

const CASES = [
  { lang: "zh", javaScriptEnabled: true },
  { lang: "en", javaScriptEnabled: true },
  { lang: "zh", javaScriptEnabled: false },
  { lang: "en", javaScriptEnabled: false },
];

let syncline;
let folder;
before(async () => {
  syncline = await site();
  folder = await mkdtemp(join(tmpdir(), "syncline-files-"));
});
after(async () => {
  await closeBrowser();
  await syncline?.close();
  await rm(folder, { recursive: true, force: true });
});

// A source with files in it, and a target that has one of its own.
async function trees(name) {
  const [source, target] = [join(folder, name, "source"), join(folder, name, "target")];
  await mkdir(join(source, "照片 2025"), { recursive: true });
  await mkdir(target, { recursive: true });
  await writeFile(join(source, "a.txt"), "hello world");
  await writeFile(join(source, "照片 2025", "b.txt"), "b".repeat(3_000));
  await writeFile(join(source, "left.tmp"), "");
  await writeFile(join(target, "extra.txt"), "extra");
  return { source, target };
}

for (const { lang, javaScriptEnabled } of CASES) {
  const w = WORDS[lang];
  const how = javaScriptEnabled ? "script" : "plain";
  test(`a config is made, tried, run, edited and deleted, in ${lang}, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async () => {
    const { source, target } = await trees(`${lang}-${how}`);
    const page = await open({ javaScriptEnabled });
    page.on("dialog", (dialog) => dialog.accept());
    // Without JavaScript a person asks for the page again.
    const look = (what, there) => until(what, async () => (await there()) || (javaScriptEnabled ? false : (await page.reload(), false)));
    const sees = (text) => look(`it says ${text}`, async () => (await page.locator("main").getByText(text).count()) > 0);

    await page.goto(`${syncline.url}/files?lang=${lang}`);
    await page.getByText(w.welcome).waitFor();
    if (javaScriptEnabled) await shoot(page, `files-empty-${lang}`);
    await page.locator("#new-config").click();

    // What is wrong stands beside its field, and nothing that was typed is lost.
    await page.locator("#name").fill("照片 & <b>");
    await page.locator("#target-service").selectOption("webdav");
    await page.locator("#target-webdav-password").fill("typed");
    await page.locator("#filters-rules").fill("*.tmp\n/cache/");
    await page.locator("#cron").fill("60 2 * * *");
    await page.locator("#save").click();
    await page.locator("#source-path-told").getByText(w.missing).waitFor();
    await page.locator("#target-path-told").getByText(w.missing).waitFor();
    assert.ok(await page.locator("#target-webdav-endpoint-told .error").isVisible());
    await page.locator("#cron-said").getByText(w.badCron).waitFor();
    assert.equal(await page.locator("#name").inputValue(), "照片 & <b>");
    assert.equal((await page.locator("#filters-rules").inputValue()).trim(), "*.tmp\n/cache/");
    assert.equal(await page.locator("#target-webdav-password").inputValue(), javaScriptEnabled ? "typed" : "");
    assert.equal(await page.locator("#source-path").getAttribute("aria-invalid"), "true");
    await shoot(page, `files-refused-${lang}-${how}`);

    // Two folders; what lies in the source is seen.
    await page.locator("#target-service").selectOption("fs");
    assert.ok(!(await page.locator("#target-webdav-endpoint").isVisible()));
    await page.locator("#source-path").fill(source);
    await page.locator("#target-path").fill(join(source, "inside"));
    await page.locator("#test-source").click();
    await page.locator(".seen").getByText(w.test).waitFor();
    assert.deepEqual(
      (await page.locator(".seen code").allInnerTexts()).map((text) => text.trim()),
      ["照片 2025/", "a.txt", "left.tmp"],
    );
    await page.locator("#cron").fill("0 2 * * *");
    if (!javaScriptEnabled) await page.locator("#check").click();
    await page.locator("#cron-said").getByText(w.cron, { exact: false }).waitFor();
    assert.equal(await page.locator("#cron-said li").count(), 5);
    await page.locator("input[name=mode][value=full]").check();
    await page.locator("#save").click();
    await page.locator("#target-path-told").getByText(w.overlap).waitFor();
    assert.ok(await page.locator("input[name=mode][value=full]").isChecked());
    await page.locator("#target-path").fill(target);
    await shoot(page, `files-form-${lang}-${how}`);
    await page.locator("#save").click();
    await page.waitForURL("**/files/configs/*");
    await page.getByText(w.saved).waitFor();
    const config = page.url().replace(/\?.*/, "");

    // A dry run says what would be done and why, and does nothing.
    await page.locator("#dry-run").click();
    await page.waitForURL("**/files/runs/*");
    await sees(w.plan);
    const rows = page.locator("#file-run-items tbody tr");
    await look("three files are planned", async () => (await rows.count()) === 3);
    assert.ok((await rows.filter({ hasText: "extra.txt" }).innerText()).includes(w.extra));
    assert.deepEqual(await readdir(target), ["extra.txt"]);
    await shoot(page, `files-plan-${lang}-${how}`);

    // A run is stopped by its guard, which says what it would delete, and goes on when that is confirmed.
    await page.goto(config);
    await page.locator("#run").click();
    await look("the guard has stopped it", async () => (await page.locator(".guard").count()) > 0);
    assert.match(await page.locator(".guard").innerText(), w.guard);
    assert.ok((await readdir(target)).includes("extra.txt"));
    await shoot(page, `files-guard-${lang}-${how}`);
    await page.locator("#confirm").getByText(w.confirm).waitFor();
    await page.locator("#confirm").click();
    await look("it has succeeded", async () => (await page.locator("#files-runs tbody .badge").first().innerText()).trim() === w.done);
    assert.deepEqual((await readdir(target)).sort(), ["a.txt", "照片 2025"]);
    assert.equal(await readFile(join(target, "a.txt"), "utf8"), "hello world");
    assert.equal(await page.locator(".guard").count(), 0);
    await page.locator("#files-runs tbody th a").first().click();
    await page.waitForURL("**/files/runs/*");
    await shoot(page, `files-run-${lang}-${how}`);

    // An error is told in words.
    await rm(source, { recursive: true });
    await page.goto(config);
    await page.locator("#run").click();
    await sees(w.gone);
    await shoot(page, `files-error-${lang}-${how}`);

    // It is edited, with all it says in the form; turned off and on; and deleted.
    await page.locator("#edit").click();
    assert.equal(await page.locator("#source-path").inputValue(), source);
    assert.equal((await page.locator("#filters-rules").inputValue()).trim(), "*.tmp\n/cache/");
    await page.locator("#name").fill("其他");
    await page.locator("#save").click();
    await page.getByRole("heading", { level: 1, name: "其他" }).waitFor();
    await page.goto(`${syncline.url}/files`);
    await page.locator("#files-list button[value=disable]").click();
    await page.locator("#files-list .badge", { hasText: w.disabled }).waitFor();
    await page.locator("#files-list button[value=enable]").click();
    await page.locator("#files-list button[value=disable]").waitFor();
    await shoot(page, `files-list-${lang}-${how}`);
    await page.locator("#files-list .what a").click();
    await page.locator("#delete").click();
    await page.getByText(w.welcome).waitFor();
    await page.ended();
  });
}

test("a secret is kept and never shown, and the API's mistakes name their fields", async () => {
  const body = {
    name: "到 NAS",
    source: { service: "memory", path: "/photos", options: { name: "camera" } },
    target: { service: "webdav", path: "/backup", options: { endpoint: "http://127.0.0.1:9/dav", username: "u", password: "hunter2-secret" } },
    cron: "0 9,18 * * 1-5",
  };
  const made = await syncline.json("/api/v1/files/configs", body);
  const page = await open();
  for (const path of [`/files/configs/${made.id}`, `/files/configs/${made.id}/edit`, "/files"]) {
    await page.goto(`${syncline.url}${path}?lang=zh`);
    assert.ok(!(await page.content()).includes("hunter2-secret"), path);
  }
  await page.goto(`${syncline.url}/files/configs/${made.id}/edit?lang=zh`);
  assert.match(await page.locator("#target-webdav-password").getAttribute("placeholder"), /已设置/);
  await page.locator("#test-target").click();
  await page.locator(".seen .error").getByText("无法连接存储").waitFor();
  await page.locator("#save").click();
  await page.getByText(WORDS.zh.saved).waitFor();
  const kept = await syncline.json(`/api/v1/files/configs/${made.id}`);
  assert.deepEqual(kept.target.secrets_set, ["password"]);

  const seen = await syncline.json("/api/v1/files/test", { source: { service: "fs", path: folder } });
  assert.equal(seen.exists, true);
  const refused = await syncline.json("/api/v1/files/test", { source: { service: "fs", path: "" } });
  assert.deepEqual(refused.refused.detail.errors.map(({ field }) => field), ["source.path"]);
  await page.ended();
});

test("a big file is seen on its way, and not any more when its run has ended", async () => {
  const { source, target } = await trees("big");
  await writeFile(join(source, "照片 2025", "a long film.mov"), "m".repeat(12 << 20));
  const config = { name: "到 NAS", source: { service: "fs", path: source }, target: { service: "fs", path: target }, bandwidth_limit: 300_000 };
  const { id } = await syncline.json("/api/v1/files/configs", config);
  const { run_id: run } = await syncline.json(`/api/v1/files/configs/${id}/execute`, {});
  const seen = [];
  for (const [lang, colorScheme, viewport] of [["zh", "light", DESK], ["en", "dark", PHONE]]) {
    const page = await open({ viewport, colorScheme });
    await page.goto(`${syncline.url}/files/runs/${run}?lang=${lang}`);
    const underWay = page.locator(".under-way li");
    await underWay.filter({ hasText: /照片 2025\/a long film\.mov.* (\/|of) 12\.0 MiB/s }).waitFor();
    await shoot(page, `files-way-${lang}-${colorScheme}`);
    seen.push([page, underWay]);
  }
  await syncline.json(`/api/v1/runs/${run}/cancel`, {});
  for (const [page, underWay] of seen) {
    await until("nothing is on its way any more", async () => (await underWay.count()) === 0);
    await page.ended();
  }
});

test("every page of files is fit for both languages, light and dark, desk and phone, and those who do not see it", async () => {
  const { source, target } = await trees("look");
  for (let at = 0; at < 30; at += 1) await writeFile(join(source, `IMG_20250101_${1000 + at}_with a long name 长文件名.jpg`), "x".repeat(at * 700));
  const config = { name: "照片备份", source: { service: "fs", path: source }, target: { service: "fs", path: target }, mode: "full", cron: "*/30 * * * *", filters: { rules: ["*.tmp"], exclusions: [{ pattern: "缓存", item_type: "folder" }, { pattern: "\\.(bak|old)$", mode: "regex", case_sensitive: true }] }, rename_rules: [{ match_regex: "^照片_(\\d+)", replace_string: "IMG_\\1" }] };
  const { id } = await syncline.json("/api/v1/files/configs", config);
  const ended = async (path, wish) => {
    const { run_id: run } = await syncline.json(`/api/v1/files/configs/${id}/${path}`, wish);
    await until("the run has ended", async () => (await syncline.json(`/api/v1/runs/${run}`)).ended_at);
    return run;
  };
  const plan = await ended("dry-run", {});
  await ended("execute", { confirm: true });
  await rm(join(source, "a.txt"));
  await ended("execute", { max_delete: 0 });
  const pages = { list: "/files", config: `/files/configs/${id}`, plan: `/files/runs/${plan}`, form: "/files/new", edit: `/files/configs/${id}/edit` };
  for (const [name, path] of Object.entries(pages)) {
    for (const [lang, colorScheme, size, viewport] of [
      ["zh", "light", "desk", DESK],
      ["en", "dark", "desk", DESK],
      ["zh", "dark", "phone", PHONE],
      ["en", "light", "phone", PHONE],
    ]) {
      const page = await open({ viewport, colorScheme, bypassCSP: true });
      await page.goto(`${syncline.url}${path}?lang=${lang}`);
      await shoot(page, `files-${name}-${lang}-${colorScheme}-${size}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${name}: the page is ${wide} px wider than the screen`);
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() => axe.run());
      const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
      assert.deepEqual(serious.map(({ id, help, nodes }) => `${name}: ${id}: ${help}: ${nodes[0].html}`), []);
      await page.ended();
    }
  }
});
