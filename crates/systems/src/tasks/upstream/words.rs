//! What is said to people when the platform does not give what it should, in the documented words. Never an address, a
//! path or a query.

use connect::http::{self, Failure};
use model::fault::Fault;

use super::What;

/// Nobody gave credentials.
pub(super) const NO_CREDENTIALS: &str = "未配置冠客 API 认证信息（需要用户名密码或密钥）";
/// The platform does not say why.
pub(super) const UNKNOWN: &str = "未知错误";
/// An answer without what says whether it is one.
pub(super) const NO_CODE: &str = "响应缺少 code";
/// An answer without the listing.
pub(super) const NO_LIST: &str = "响应缺少任务列表";
/// An answer without the rows of calls or statistics.
pub(super) const NO_ROWS: &str = "响应缺少数据";
/// An answer without a token.
pub(super) const NO_TOKEN: &str = "响应缺少 token";

/// A listing that ended too soon.
pub(super) fn incomplete(total: u64, received: u64) -> String {
    format!("任务列表不完整：应有 {total} 条，实得 {received} 条")
}

/// A listing that does not end.
pub(super) fn endless(pages: u32) -> String {
    format!("获取任务列表失败: 超过 {pages} 页")
}

impl What {
    /// As it is called in the line of a further try that helped.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Token => "获取 Token",
            Self::TaskList => "获取任务列表",
            Self::CallRecords => "获取通话记录",
            Self::Statistics => "获取统计数据",
        }
    }

    /// What is said of a try, or of the last one. `None`: the work must stop, and nothing is said of the platform.
    pub(super) fn failed(self, trouble: &http::Trouble) -> String {
        match (self, trouble) {
            // The token could not be had: that is what is said, and not which data were wanted.
            (_, http::Trouble::Credential(fault)) => fault.message.clone(),
            (Self::Token, http::Trouble::Refused { message, .. }) => format!("Token 获取失败: {message}"),
            _ => format!("{}失败: {}", self.name(), reason(trouble)),
        }
    }

    /// The fault of a call that was given up.
    pub(super) fn fault(self, failure: Failure) -> Fault {
        let message = self.failed(&failure.trouble);
        match &failure.trouble {
            http::Trouble::Stopped | http::Trouble::Credential(_) | http::Trouble::Budget(_) => {
                failure.into()
            }
            _ => {
                let fault = Fault::from(failure);
                Fault { message, again: model::fault::Again::Never, ..fault }.ends_run()
            }
        }
    }
}

fn reason(trouble: &http::Trouble) -> String {
    use http::Trouble as Of;
    match trouble {
        Of::Connection(_) => "连接失败".to_owned(),
        Of::ConnectTimeout(_) => "连接超时".to_owned(),
        Of::Timeout(_) => "请求超时".to_owned(),
        Of::CutShort { .. } => "响应不完整".to_owned(),
        Of::TooLong { .. } => "响应过大".to_owned(),
        Of::Throttled { .. } => "HTTP 429".to_owned(),
        Of::Status { status, .. } => format!("HTTP {status}"),
        Of::Redirect(_) => "不跟随重定向".to_owned(),
        Of::Garbled(how) if is_ours(how) => how.clone(),
        Of::Garbled(_) => "响应格式错误".to_owned(),
        Of::Refused { code, message, .. } => format!("{message}（code {code}）"),
        Of::Request(_) => "请求无法发送".to_owned(),
        Of::Budget(fault) | Of::Credential(fault) => fault.message.clone(),
        Of::Stopped => "已停止".to_owned(),
    }
}

fn is_ours(how: &str) -> bool {
    [NO_CODE, NO_LIST, NO_ROWS, NO_TOKEN].contains(&how)
}
