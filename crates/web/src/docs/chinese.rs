//! What each tag and operation does, in Chinese. The document itself is English; a test holds this list to it.

/// The words for a tag, or for an operation as `METHOD path`.
pub(super) fn words(name: &str) -> Option<&'static str> {
    WORDS.iter().find(|(known, _)| *known == name).map(|(_, words)| *words)
}

pub(super) const WORDS: &[(&str, &str)] = &[
    ("systems", "可以同步什么"),
    ("runs", "队列、历史，以及请求运行"),
    ("schedules", "何时需要运行"),
    ("ledger", "哪些已有，哪些还缺"),
    ("tables", "已同步的数据"),
    ("stocks", "A 股的日期与股票"),
    ("events", "正在发生的事"),
    ("server", "健康状态与指标"),
    ("GET /api/v1/systems", "本服务拥有的系统。"),
    ("GET /api/v1/syncs", "所有系统的同步项。"),
    ("GET /api/v1/runs", "运行列表，最新的在前。"),
    ("POST /api/v1/runs", "请求一次运行。带 `Idempotency-Key` 请求头时，重复请求返回第一次建立的运行。"),
    ("POST /api/v1/runs/mark-read", "把已结束的运行标为已读。"),
    ("GET /api/v1/runs/{id}", "单个运行，含正在处理的分区。"),
    ("GET /api/v1/runs/{id}/partitions", "运行的分区，按计划顺序。"),
    ("GET /api/v1/runs/{id}/log", "运行的日志。"),
    ("POST /api/v1/runs/{id}/cancel", "停止运行并放弃其余部分。已取消的运行给出同样的应答。"),
    ("POST /api/v1/runs/{id}/pause", "停止运行并保留其余部分，直到继续。"),
    ("POST /api/v1/runs/{id}/resume", "租约空闲时，让已暂停的运行继续。"),
    (
        "POST /api/v1/runs/{id}/retry",
        "用已结束运行中失败、隔离和取消的分区建立新的运行。带 `Idempotency-Key` 请求头时，重复请求返回第一次建立的运行。",
    ),
    ("GET /api/v1/schedules", "定时计划及其接下来的时间。"),
    ("GET /api/v1/schedules/{id}", "单个定时计划及其接下来的时间。"),
    (
        "PATCH /api/v1/schedules/{id}",
        "修改定时计划。无法解析的 cron 表达式或时区会被拒绝并说明原因；规则不是 cron 表达式的计划不能修改这两项。被拒绝时不作任何修改。",
    ),
    ("DELETE /api/v1/schedules/{id}", "删除定时计划，其运行保留。系统自带的计划重启后也不会重新建立。"),
    ("POST /api/v1/schedules/restore", "重新建立系统自带而被删除的定时计划，并返回此时的全部计划。"),
    ("GET /api/v1/schedules/{id}/ticks", "计划的每个时间点的结果；没有启动运行的也在其中，并附原因。"),
    (
        "POST /api/v1/schedules/{id}/run",
        "在计划时间之外立即按计划的请求运行一次。带 `Idempotency-Key` 请求头时，重复请求返回第一次建立的运行。",
    ),
    ("GET /api/v1/ledger", "每个键的最新结果，键大的在前。"),
    ("GET /api/v1/ledger/gaps", "范围内缺失、失败或未完成的键：补齐所要做的部分。"),
    ("POST /api/v1/ledger/backfill", "请求对一个范围运行。已有的部分由运行自身跳过。"),
    ("GET /api/v1/tables", "目标库中的表。"),
    ("GET /api/v1/tables/{table}", "单个表及其行数。"),
    ("GET /api/v1/tables/{table}/rows", "表中的行，默认按键排序。"),
    ("GET /api/v1/tables/{table}/export", "把表的全部行导出为 CSV 或 JSON lines，按键排序；条件与浏览相同。"),
    ("GET /api/v1/stocks/coverage", "范围内每一天：是否交易、状态、已存行数、失败股票、复权方式。"),
    ("GET /api/v1/stocks/missing", "今天之前需要同步的交易日，以及日历尚不知道的日期。"),
    ("GET /api/v1/stocks/failures", "范围内失败的股票，按日期和代码排序。"),
    ("POST /api/v1/stocks/sync", "启动一个日期范围的同步。"),
    ("POST /api/v1/stocks/retry-failed", "重新同步失败的日期，以及其余日期中失败的股票。"),
    (
        "GET /api/v1/events",
        "事件流（`text/event-stream`）：`id` 为游标，`event` 为种类，`data` 为 JSON 事件。",
    ),
    ("GET /api/v1/health", "进程存活即应答；不访问数据库。"),
    ("GET /api/v1/ready", "状态数据库在两秒内应答且本进程的循环能访问它时为就绪。"),
    ("GET /api/v1/version", "正在运行的版本。"),
    ("GET /metrics", "程序的指标，Prometheus 文本格式。"),
];
