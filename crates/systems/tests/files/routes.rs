//! The documented routes: every answer and every refusal, as they are on the wire.

use serde_json::json;
use systems::files::Config;

use crate::bed::{Base, Bed};

const JSON: &str = "application/json";

async fn what_is_refused_is_refused_to_the_byte(base: Base) {
    let bed = Bed::idle(base, Config::default()).await;
    let disabled = bed.config(json!({"enabled": false})).await;
    let expired = bed
        .config(json!({"end_time": "2026-01-15T10:00:00+08:00", "target": {"service": "fs", "path": "/t"}}))
        .await;
    let none = r#"{"code":404,"msg":"同步配置 99 不存在","data":null,"trace_id":"-"}"#;
    let far = r#"{"code":404,"msg":"同步配置 99999999999999999999 不存在","data":null,"trace_id":"-"}"#;
    let letters = concat!(
        r#"{"code":422,"msg":"请求参数非法: config_id 输入应为有效的整数，无法将字符串解析为整数，输入：abc","#,
        r#""data":{"errors":[{"type":"int_parsing","loc":["path","config_id"],"#,
        r#""msg":"输入应为有效的整数，无法将字符串解析为整数","input":"abc"}]},"trace_id":"-"}"#
    );
    let refusals = [
        ("POST", "/execute-sync/99".to_owned(), 404, none.to_owned()),
        ("POST", "/execute-sync/99999999999999999999".to_owned(), 404, far.to_owned()),
        ("POST", "/execute-sync/-1".to_owned(), 404, none.replace("99", "-1")),
        (
            "POST",
            format!("/execute-sync/{disabled}"),
            400,
            format!(r#"{{"code":400,"msg":"同步配置 {disabled} 已禁用","data":null,"trace_id":"-"}}"#),
        ),
        (
            "POST",
            format!("/execute-sync/{expired}"),
            400,
            format!(r#"{{"code":400,"msg":"同步配置 {expired} 已过期","data":null,"trace_id":"-"}}"#),
        ),
        ("POST", "/execute-sync/abc".to_owned(), 422, letters.to_owned()),
        (
            "GET",
            "/clear-tasks".to_owned(),
            405,
            r#"{"code":405,"msg":"Method Not Allowed","data":null,"trace_id":"-"}"#.to_owned(),
        ),
        (
            "GET",
            "/nothing".to_owned(),
            404,
            r#"{"code":404,"msg":"Not Found","data":null,"trace_id":"-"}"#.to_owned(),
        ),
    ];
    for (method, path, status, body) in refusals {
        assert_eq!(bed.text(method, &path, ("", "")).await, (status, body), "{method} {path}");
    }
    assert!(
        bed.engine.read().runs(&engine::RunFilter::default()).await.unwrap().is_empty(),
        "nothing was started"
    );
}

async fn answers_are_the_documented_ones_key_for_key(base: Base) {
    let bed = Bed::idle(base, Config::default()).await;
    let status = r#"{"code":200,"msg":"请求成功","data":{"total_scheduled_tasks":1,"scheduled_config_ids":[1],"task_names":["sync_config_1"],"beat_schedule_count":1}}"#;
    let config = bed.config(json!({"cron": "0 2 * * *"})).await;
    bed.config(json!({"target": {"service": "fs", "path": "/t"}})).await;
    assert_eq!(bed.text("GET", "/task-status", ("", "")).await, (200, status.to_owned()));
    let refreshed = r#"{"code":200,"msg":"请求成功","data":{"success":true,"message":"任务同步完成，添加: 1, 跳过: 1, 错误: 0","total_configs":2,"added_count":1,"skipped_count":1,"error_count":0,"active_tasks":[1]}}"#;
    assert_eq!(bed.text("POST", "/refresh-tasks", ("", "")).await, (200, refreshed.to_owned()));
    let first = bed.ok("POST", &format!("/execute-sync/{config}")).await;
    assert_eq!((&first["message"], &first["config_id"]), (&json!("同步任务已提交执行"), &json!(config)));
    assert_eq!(
        bed.ok("POST", &format!("/execute-sync/{config}")).await["task_id"],
        first["task_id"],
        "one run while it waits"
    );
    let task = first["task_id"].as_str().unwrap();
    let waits = format!(
        r#"{{"code":200,"msg":"请求成功","data":{{"task_id":"{task}","status":"PENDING","ready":false,"successful":null,"failed":null,"result":null,"traceback":null}}}}"#
    );
    assert_eq!(bed.text("GET", &format!("/task-result/{task}"), ("", "")).await, (200, waits.clone()));
    assert_eq!(bed.text("GET", "/task-result/nobody", ("", "")).await, (200, waits.replace(task, "nobody")));
    let cleared =
        r#"{"code":200,"msg":"请求成功","data":{"message":"所有定时任务已清空","status":"cleared"}}"#;
    assert_eq!(bed.text("DELETE", "/clear-tasks", ("", "")).await, (200, cleared.to_owned()));
}

async fn cron_is_explained_in_every_form_it_comes_in(base: Base) {
    let bed = Bed::idle(base, Config::default()).await;
    let said = async |kind: &str, body: &str| {
        let (status, text) = bed.text("POST", "/validate-cron", (kind, body)).await;
        let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
        (status, answer)
    };
    for (kind, body) in
        [(JSON, r#""0 2 * * *""#), (JSON, r#"{"cron_expr":"0 2 * * *"}"#), ("text/plain", "0 2 * * *")]
    {
        let (status, answer) = said(kind, body).await;
        let data = &answer["data"];
        assert_eq!((status, &data["valid"]), (200, &json!(true)), "{body}: {answer}");
        assert_eq!(data["description"], "每天凌晨2点执行");
        assert_eq!(data["next_runs"][0], "2026-01-16T02:00:00+08:00");
        assert_eq!(data["next_runs"].as_array().unwrap().len(), 5);
        let seconds = data["next_run_in_seconds"].as_f64().unwrap();
        assert!((56_300.0..=56_370.0).contains(&seconds), "{seconds}");
    }
    let zoned = r#"{"cron_expr":"0 2 * * *","timezone":"America/New_York"}"#;
    assert_eq!(said(JSON, zoned).await.1["data"]["next_runs"][0], "2026-01-15T02:00:00-05:00");
    let errors = [
        (r#""""#, json!({"valid": false, "error": "cron 表达式不能为空"})),
        (
            r#""60 * * * *""#,
            json!({"valid": false, "error": "无效的 cron 表达式格式，应为 '分 时 日 月 周' 格式", "position": 1,
                "detail": "第1个字段（分）: 60 超出范围 0-59"}),
        ),
        (
            r#""0 2 * *""#,
            json!({"valid": false, "error": "无效的 cron 表达式格式，应为 '分 时 日 月 周' 格式", "position": null,
                "detail": "应有 5 个字段，实际 4 个"}),
        ),
        (
            r#""0 0 31 2 *""#,
            json!({"valid": false, "error": "cron 表达式验证失败: unable to rollover, time specification is probably invalid",
                "position": 3, "detail": "日期与月份的组合永远不会出现"}),
        ),
        (
            r#"{"cron_expr":"0 2 * * *","timezone":"X/Y"}"#,
            json!({"valid": false, "error": "cron 表达式验证失败: 未知时区 X/Y"}),
        ),
    ];
    for (body, wanted) in errors {
        assert_eq!(
            said(JSON, body).await,
            (200, json!({"code": 200, "msg": "请求成功", "data": wanted})),
            "{body}"
        );
    }
    for (body, msg, kind) in [
        ("5", "请求参数非法: body 输入应为有效的字符串，输入：5", "string_type"),
        ("", "请求参数非法: body 字段为必填项，输入：None", "missing"),
        ("null", "请求参数非法: body 字段为必填项，输入：None", "missing"),
        ("0 2 * * *", "请求参数非法: json解析失败", "json_invalid"),
    ] {
        let (status, answer) = said(JSON, body).await;
        assert_eq!((status, &answer["msg"]), (422, &json!(msg)), "{body}: {answer}");
        assert_eq!(answer["data"]["errors"][0]["type"], kind);
    }
}

on_both! {
    what_is_refused_is_refused_to_the_byte
    answers_are_the_documented_ones_key_for_key
    cron_is_explained_in_every_form_it_comes_in
}
