//! What is said to people when the source does not give what it should. Never its address, its path or its text.

use connect::http::purse::is_budget_spent;
use connect::http::{self, Break, Failure};
use connect::tables::TablesError;
use model::fault::Fault;

use super::{Of, Trouble, Warnings};

/// The log target.
pub(super) const TARGET: &str = "sync.races";

/// An answer of another shape.
pub(super) const UNREADABLE: &str = "上游返回的数据无法识别";

/// The work must stop.
pub(super) fn stopped() -> Fault {
    Fault::again("stopped", "stopped between two requests")
}

/// What a request that was given up means.
pub(super) fn trouble(failure: Failure) -> Trouble {
    use http::Trouble as Of;
    let said = match &failure.trouble {
        Of::Stopped => return Trouble::Stopped(failure.into()),
        Of::Budget(fault) if is_budget_spent(fault) => "上游请求额度已用完".to_owned(),
        // Of the purse: its wait was ended, or the state it is kept in is away.
        Of::Budget(fault) if fault.code == "stopped" => return Trouble::Stopped(failure.into()),
        Of::Budget(_) => "数据库暂不可用".to_owned(),
        Of::Connection(_) => "无法连接上游".to_owned(),
        Of::ConnectTimeout(_) => "连接上游超时".to_owned(),
        Of::Timeout(_) => "上游响应超时".to_owned(),
        Of::CutShort { .. } => "上游响应不完整".to_owned(),
        Of::TooLong { .. } => "上游响应过大".to_owned(),
        Of::Throttled { .. } => "上游限流（HTTP 429）".to_owned(),
        Of::Status { status, .. } => format!("上游返回 HTTP {status}"),
        Of::Redirect(_) => "上游重定向无法跟随".to_owned(),
        Of::Request(_) | Of::Credential(_) | Of::Garbled(_) | Of::Refused { .. } => UNREADABLE.to_owned(),
    };
    tracing::warn!(target: TARGET, error = %failure, "a request was given up");
    Trouble::Failed(said)
}

/// What trouble with the destination means: a newer holder has taken over, or the dataset cannot be stored.
impl From<TablesError> for Trouble {
    fn from(error: TablesError) -> Self {
        if matches!(error, TablesError::Fenced { .. }) {
            return Self::Stopped(error.into());
        }
        tracing::warn!(target: TARGET, %error, "the destination failed");
        Self::Failed(if error.is_passing() { "数据库暂不可用" } else { "数据库写入失败" }.to_owned())
    }
}

/// An answer of something else than was asked for.
pub(super) fn other(of: &[Of]) -> String {
    match of {
        [Of { season: Some(season), round: Some(round) }] => {
            format!("上游返回的是 {season} 赛季第 {round} 轮的数据")
        }
        [Of { season: Some(season), round: None }] => format!("上游返回的是 {season} 赛季的数据"),
        _ => "上游返回的数据与请求的场次不符".to_owned(),
    }
}

/// Rows came, and none of them can be used.
pub(crate) fn unusable(warnings: &Warnings) -> String {
    let why = warnings.message().map_or_else(String::new, |why| format!("：{why}"));
    format!("没有可用的数据行{why}")
}

/// Why pages are not one listing.
pub(super) fn broken(broken: Break) -> String {
    match broken {
        Break::Empty { received, total } => format!("上游分页不完整：应有 {total} 行，只收到 {received} 行"),
        Break::TooMany { received, total } => format!("上游分页有误：应有 {total} 行，却收到 {received} 行"),
        Break::Total { was, is } => format!("上游分页有误：总行数由 {was} 变为 {is}"),
        Break::Repeated { .. } => "上游分页有误：同一行出现在两页".to_owned(),
        Break::Boundless { total, max } => format!("上游分页有误：总行数 {total} 超过上限 {max}"),
    }
}

/// Rows that lack something.
pub(super) fn skipped(rows: usize, lacking: &str) -> String {
    format!("跳过 {rows} 行（缺少有效的 {lacking}）")
}

/// Rows of the same driver or team.
pub(super) fn doubled(rows: usize) -> String {
    format!("重复 {rows} 行")
}

/// Values that are none.
pub(super) fn unread(names: &str) -> String {
    format!("无法识别的值：{names}")
}
