//! The service's error codes and what it says with them.

use std::fmt;

/// An error code of the service, eight digits. An error reply is `code 0x01 text`, of type 04.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    pub(super) const NOT_LOGGED_IN: &str = "10001001";
    pub(super) const WRONG_PASSWORD: &str = "10001002";
    pub(super) const TOO_MANY_LOGINS: &str = "10001005";
    pub(super) const BLACKLISTED: &str = "10001011";
    pub(super) const API_KEY: &str = "10001012";
    pub(super) const PARAMETER: &str = "10004006";
    pub(super) const ORDER: &str = "10004009";
    pub(super) const DATE: &str = "10004010";
    pub(super) const SECURITY: &str = "10004011";
    pub(super) const INDICATOR: &str = "10004012";
    pub(super) const REPEATED_INDICATOR: &str = "10004018";
    pub(super) const MESSAGE: &str = "10004019";
    pub(super) const KIND: &str = "10004020";

    /// A code from elsewhere; any text without the protocol's own characters.
    pub fn new(code: &str) -> Option<Self> {
        let sane = code.len() == 8 && code.bytes().all(|byte| byte.is_ascii_digit());
        sane.then(|| Self(code.to_owned()))
    }

    /// The words sent with it. Those of 10004006, 10004020, 10001011 and 10002007 are the service's; the
    /// others are taken from the comments of its client.
    pub fn text(&self) -> &'static str {
        match self.0.as_str() {
            "10001001" => "用户未登陆",
            "10001002" => "用户名或密码错误",
            "10001004" => "客户端版本号过期",
            "10001005" => "账号登陆数达到上限",
            "10001006" => "用户权限不足",
            "10001011" => "黑名单用户，请与管理员联系",
            "10001012" => "APIKey格式不正确",
            "10002001" => "网络错误",
            "10002002" => "网络连接失败",
            "10002003" => "网络连接超时",
            "10002004" => "网络接收时连接断开",
            "10002005" => "网络发送失败",
            "10002006" => "网络发送超时",
            "10002007" => "网络接收错误。",
            "10002008" => "网络接收超时",
            "10004001" => "解析数据错误",
            "10004005" => "传入参数为空",
            "10004006" => "请求参数个数不正确",
            "10004007" => "起始日期格式不正确",
            "10004008" => "截止日期格式不正确",
            "10004009" => "起始日期大于终止日期",
            "10004010" => "日期格式不正确",
            "10004011" => "无效的证券代码",
            "10004012" => "无效的指标",
            "10004013" => "超出日期支持范围",
            "10004018" => "指标重复",
            "10004019" => "消息格式不正确",
            "10004020" => "错误的消息类型",
            "10005001" => "系统级别错误",
            _ => "未知错误",
        }
    }
}

impl From<&'static str> for Code {
    fn from(code: &'static str) -> Self {
        Self(code.to_owned())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
