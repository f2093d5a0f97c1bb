//! The one table: problem → code, status, words.

use crate::i18n::Language;

use super::{FilesProblem, Problem, TasksProblem};

/// What is the same for every problem of a kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// Stable, for machines.
    pub(crate) code: &'static str,
    /// The HTTP status.
    pub(crate) status: u16,
    english: &'static str,
    chinese: &'static str,
}

impl Kind {
    /// What kind of problem, in words.
    #[must_use]
    pub(crate) const fn title(self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
            Language::Chinese => self.chinese,
        }
    }
}

macro_rules! kinds {
    ($($name:ident = $code:literal $status:literal $english:literal $chinese:literal)+) => {
        $(const $name: Kind = Kind { code: $code, status: $status, english: $english, chinese: $chinese };)+
        /// Every kind, for the documentation page.
        pub(crate) const KINDS: &[Kind] = &[$($name,)+];
    };
}

kinds! {
    NO_ROUTE = "no_route" 404 "There is nothing at this address" "该地址不存在"
    METHOD = "method_not_allowed" 405 "The method does not fit this address" "该地址不支持此方法"
    UNKNOWN_RUN = "unknown_run" 404 "There is no such run" "运行不存在"
    UNKNOWN_SYNC = "unknown_sync" 404 "There is no such sync" "同步项不存在"
    UNKNOWN_SCHEDULE = "unknown_schedule" 404 "There is no such schedule" "计划不存在"
    UNKNOWN_TABLE = "unknown_table" 404 "There is no such table" "表不存在"
    PARAMETER = "bad_parameter" 400 "A parameter is wrong" "参数有误"
    BODY = "bad_body" 400 "The request body is wrong" "请求体有误"
    BODY_TOO_LARGE = "body_too_large" 413 "The request body is too large" "请求体过大"
    MEDIA_TYPE = "media_type" 415 "The request body is not declared as JSON" "请求体未声明为 JSON"
    REFUSED = "refused" 422 "The system refused the request" "系统拒绝了该请求"
    INVALID_PARAMETER = "invalid_parameter" 400 "A parameter is wrong" "参数有误"
    PACKAGE_NOT_FOUND = "package_not_found" 404 "There is no such package" "数据包不存在"
    INVALID_PACKAGE = "invalid_package" 422 "The package is not sound" "数据包有误"
    DUPLICATE_PACKAGE = "duplicate_package" 409 "The package is there already" "数据包已存在"
    PACKAGE_IN_USE = "package_in_use" 409 "The package has tasks" "数据包下仍有任务"
    INVALID_CSV = "invalid_csv" 400 "The CSV file cannot be read" "无法读取 CSV 文件"
    LOCK_CONFLICT = "lock_conflict" 409 "Another run of this sync is active" "同步任务正在进行中"
    CONFIG_NOT_FOUND = "config_not_found" 404 "There is no such config" "同步配置不存在"
    CONFIG_DISABLED = "config_disabled" 409 "The config is disabled" "同步配置已禁用"
    CONFIG_EXPIRED = "config_expired" 409 "The config's end has passed" "同步配置已过期"
    RUN_ACTIVE = "run_active" 409 "A run of the config has not ended" "同步配置有运行尚未结束"
    INVALID_CONFIG = "invalid_config" 422 "The config is not sound" "同步配置有误"
    NOTHING_TO_DO = "nothing_to_do" 409 "There is nothing to do" "无需处理"
    BUSY = "busy" 409 "Another run of this sync is active" "该同步项已有运行在进行"
    STATE = "state" 409 "The run's state does not allow this" "运行的当前状态不允许此操作"
    ORIGIN = "foreign_origin" 403 "The request comes from a foreign page" "请求来自其他网站"
    HOST = "foreign_host" 403 "The request names a foreign host" "请求的主机名不属于本服务"
    STREAMS = "too_many_streams" 503 "Too many live connections" "实时连接过多"
    TIMED_OUT = "timed_out" 503 "The answer took too long" "处理超时"
    UNAVAILABLE = "unavailable" 503 "A database does not answer" "数据库无应答"
    STALLED = "stalled" 503 "The queue is not being looked at" "队列无人处理"
    STORE = "store" 500 "A database refused a statement" "数据库拒绝了语句"
    NO_DESTINATION = "no_destination" 404 "No destination is configured" "未配置目标库"
    BUG = "bug" 500 "Something went wrong here" "服务内部出错"
}

impl Problem {
    /// Its row of the table.
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::NoRoute(_) => NO_ROUTE,
            Self::Method(_) => METHOD,
            Self::UnknownRun(_) => UNKNOWN_RUN,
            Self::UnknownSync(_) => UNKNOWN_SYNC,
            Self::UnknownSchedule(_) => UNKNOWN_SCHEDULE,
            Self::UnknownTable(_) => UNKNOWN_TABLE,
            Self::Parameter(_) => PARAMETER,
            Self::Body(_) => BODY,
            Self::BodyTooLarge => BODY_TOO_LARGE,
            Self::MediaType => MEDIA_TYPE,
            Self::Refused { .. } => REFUSED,
            Self::Tasks(TasksProblem::Parameter(..)) => INVALID_PARAMETER,
            Self::Tasks(TasksProblem::NoPackage) => PACKAGE_NOT_FOUND,
            Self::Tasks(TasksProblem::Package(_) | TasksProblem::NoLine(_)) => INVALID_PACKAGE,
            Self::Tasks(TasksProblem::Duplicate(_)) => DUPLICATE_PACKAGE,
            Self::Tasks(TasksProblem::InUse(_)) => PACKAGE_IN_USE,
            Self::Tasks(TasksProblem::Csv(_)) => INVALID_CSV,
            Self::Tasks(TasksProblem::Locked(_)) => LOCK_CONFLICT,
            Self::Files(FilesProblem::Unknown(_)) => CONFIG_NOT_FOUND,
            Self::Files(FilesProblem::Disabled(_)) => CONFIG_DISABLED,
            Self::Files(FilesProblem::Expired(_)) => CONFIG_EXPIRED,
            Self::Files(FilesProblem::Active(_)) => RUN_ACTIVE,
            Self::Files(FilesProblem::Wrong(_)) => INVALID_CONFIG,
            Self::NothingToDo(_) | Self::NothingFailed(..) => NOTHING_TO_DO,
            Self::Busy(_) => BUSY,
            Self::State(..) => STATE,
            Self::Origin(_) => ORIGIN,
            Self::Host(_) => HOST,
            Self::Streams => STREAMS,
            Self::TimedOut => TIMED_OUT,
            Self::Unavailable(_) => UNAVAILABLE,
            Self::Stalled(_) => STALLED,
            Self::Store(_) => STORE,
            Self::NoDestination => NO_DESTINATION,
            Self::Bug => BUG,
        }
    }

    /// What was wrong this time. Words of drivers, parsers and systems are passed on as they are.
    pub(crate) fn detail(&self, language: Language) -> String {
        match language {
            Language::English => self.in_english(),
            Language::Chinese => self.in_chinese(),
        }
    }

    fn in_english(&self) -> String {
        match self {
            Self::NoRoute(path) => format!("no route {path}"),
            Self::Method(path) => format!("{path} does not take this method"),
            Self::UnknownRun(run) => {
                format!("no run has the number {run}; old runs are deleted by retention")
            }
            Self::UnknownSync(sync) => format!("no sync is called {sync}; GET /api/v1/syncs lists them"),
            Self::UnknownSchedule(id) => format!("no schedule has the number {id}"),
            Self::UnknownTable(table) => format!("no table is called {table}; GET /api/v1/tables lists them"),
            Self::Parameter(reason) | Self::Body(reason) => reason.clone(),
            Self::BodyTooLarge => format!("a body has at most {} bytes", model::limits::BODY_MAX),
            Self::MediaType => "send the header Content-Type: application/json".to_owned(),
            Self::Refused { message, .. } | Self::NothingToDo(message) => message.clone(),
            Self::Tasks(problem) => problem.in_english(),
            Self::Files(problem) => problem.in_english(),
            Self::Busy(run) => format!("run {run} is active; wait for its end or cancel it"),
            Self::State(run, state) if state.is_end() => {
                format!("run {run} has ended ({state}); nothing was changed")
            }
            Self::State(run, state) => format!("run {run} is {state} now; nothing was changed"),
            Self::NothingFailed(run, state) => {
                format!("run {run} has ended ({state}), and nothing of it is left to be done again")
            }
            Self::Origin(origin) => {
                format!(
                    "writes are taken from this server's own pages and allowed_origins only, not from {origin}"
                )
            }
            Self::Host(host) => format!("this server does not answer for {host}"),
            Self::Streams => "all places for live connections are taken; close one and try again".to_owned(),
            Self::TimedOut => {
                "the request was given up; a write may have been done, look before repeating it".to_owned()
            }
            Self::Unavailable(reason) | Self::Store(reason) => reason.clone(),
            Self::Stalled(seconds) => {
                format!("the loops of this process have not reached the state store for {seconds} s")
            }
            Self::NoDestination => "this server was started without a destination".to_owned(),
            Self::Bug => "the server's log says where".to_owned(),
        }
    }

    fn in_chinese(&self) -> String {
        match self {
            Self::NoRoute(path) => format!("没有路由 {path}"),
            Self::Method(path) => format!("{path} 不支持此方法"),
            Self::UnknownRun(run) => format!("没有编号为 {run} 的运行；过期的运行会被清理"),
            Self::UnknownSync(sync) => format!("没有名为 {sync} 的同步项；GET /api/v1/syncs 列出全部"),
            Self::UnknownSchedule(id) => format!("没有编号为 {id} 的计划"),
            Self::UnknownTable(table) => format!("没有名为 {table} 的表；GET /api/v1/tables 列出全部"),
            Self::Parameter(reason) => format!("参数无法解析：{reason}"),
            Self::Body(reason) => format!("请求体无法解析：{reason}"),
            Self::Refused { message, detail, .. } => {
                detail["message_zh"].as_str().unwrap_or(message).to_owned()
            }
            Self::NothingToDo(message) => message.clone(),
            Self::Tasks(problem) => problem.in_chinese(),
            Self::Files(problem) => problem.in_chinese(),
            Self::BodyTooLarge => format!("请求体最多 {} 字节", model::limits::BODY_MAX),
            Self::MediaType => "请发送请求头 Content-Type: application/json".to_owned(),
            Self::Busy(run) => format!("运行 {run} 正在进行；请等待其结束或取消它"),
            Self::State(run, state) => {
                let words = (Language::Chinese.messages().run_state)(*state);
                match state.is_end() {
                    true => format!("运行 {run} 已结束（{words}），未做任何更改"),
                    false => format!("运行 {run} 现在的状态为“{words}”，未做任何更改"),
                }
            }
            Self::NothingFailed(run, state) => {
                let words = (Language::Chinese.messages().run_state)(*state);
                format!("运行 {run} 已结束（{words}），没有需要重新处理的分区")
            }
            Self::Origin(origin) => {
                format!("只接受本服务页面和 allowed_origins 发出的写请求，不接受来自 {origin} 的请求")
            }
            Self::Host(host) => format!("本服务不代表主机 {host} 应答"),
            Self::Streams => "实时连接已满；请关闭一个后重试".to_owned(),
            Self::TimedOut => "请求已放弃；写入可能已完成，重试前请先查看".to_owned(),
            Self::Unavailable(reason) => format!("数据库无应答：{reason}"),
            Self::Store(reason) => format!("数据库出错：{reason}"),
            Self::Stalled(seconds) => format!("本进程的循环已 {seconds} 秒未访问状态库"),
            Self::NoDestination => "本服务启动时未配置目标库".to_owned(),
            Self::Bug => "详情见服务日志".to_owned(),
        }
    }
}
