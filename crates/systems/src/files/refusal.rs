//! What a client of a storage refuses before it asks anything, told beside the option that is wrong, in the words of
//! the other mistakes of a config.

/// The client's words, the option, and what is wrong with it.
const REFUSALS: &[(&str, &str, &str)] = &[
    ("the upstream's base address is not a URL", "endpoint", "不是有效的网址"),
    (
        "the upstream's base address must begin with http:// or https:// and name a host",
        "endpoint",
        "应以 http:// 或 https:// 开头并含主机名",
    ),
    (
        "the upstream's base address must not hold a name or a password",
        "endpoint",
        "地址中不能含用户名或密码",
    ),
    ("the upstream's base address must end with its path", "endpoint", "地址不能含 ? 或 # 之后的部分"),
    ("the FTP endpoint does not begin with ftp:// or ftps://", "endpoint", "应以 ftp:// 或 ftps:// 开头"),
    ("the FTP endpoint names no host, or no port after it", "endpoint", "缺少主机名，或端口无效"),
    ("the FTP host has no valid name", "endpoint", "主机名无效"),
    ("the FTP login has a password and no user", "user", "有密码而没有用户名"),
    ("the FTP login has a line break in it", "user", "用户名或密码不能换行"),
    ("the SFTP endpoint is not `host` or `host:port`", "endpoint", "应为 主机名 或 主机名:端口"),
    ("the SFTP user is missing", "user", "字段为必填项"),
    (
        "the SFTP server's key can be accepted unseen on the loopback only",
        "known_hosts_strategy",
        "仅本机地址可以不核对主机密钥",
    ),
    (
        "the SFTP private key has a passphrase: one without is needed",
        "private_key",
        "私钥有口令，请使用没有口令的私钥",
    ),
    (
        "the SFTP private key cannot be read: OpenSSH's form or PEM is needed, the whole text",
        "private_key",
        "无法读取私钥，请提供完整的 OpenSSH 或 PEM 文本",
    ),
    ("the WebDAV login has a name with a colon in it", "username", "用户名不能含冒号"),
    ("the WebDAV login has a password and no name", "username", "有密码而没有用户名"),
    ("the WebDAV login is either a name with a password or a token", "token", "用户名密码与令牌只能二选一"),
];

/// The option that a client's words are about, and what is wrong with it; nothing of words that are about none.
pub(super) fn about(words: &str) -> Option<(&'static str, &'static str)> {
    REFUSALS.iter().find(|(said, ..)| *said == words).map(|(_, option, why)| (*option, *why))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use model::file::FileSide;

    use super::*;
    use crate::english::assert_english;
    use crate::files::service;

    #[test]
    fn what_is_refused_is_said_in_both_languages() {
        for (_, _, why) in REFUSALS {
            assert_english(why);
        }
    }

    #[test]
    fn the_clients_still_say_what_is_told_here() {
        let refusal = |kind: &str, options: &[(&str, &str)], secrets: &[(&str, &str)]| {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            let options: BTreeMap<String, String> = options.iter().map(owned).collect();
            let side = FileSide {
                service: kind.to_owned(),
                options,
                path: "/a".to_owned(),
                must_exist: false,
                case_insensitive: None,
            };
            let secrets: Vec<_> = secrets.iter().map(owned).collect();
            let Err(trouble) = service::open(&side, &secrets, Timestamp::UNIX_EPOCH) else {
                panic!("{kind} opens")
            };
            about(&trouble.why).unwrap_or_else(|| panic!("{} is about nothing", trouble.why)).0
        };
        assert_eq!(refusal("webdav", &[("endpoint", "nonsense")], &[]), "endpoint");
        assert_eq!(refusal("webdav", &[("endpoint", "ftp://nas")], &[]), "endpoint");
        assert_eq!(refusal("webdav", &[("endpoint", "http://a:b@nas")], &[]), "endpoint");
        assert_eq!(refusal("webdav", &[("endpoint", "http://nas")], &[("password", "p")]), "username");
        let both = [("password", "p"), ("token", "t")];
        assert_eq!(refusal("webdav", &[("endpoint", "http://nas"), ("username", "u")], &both), "token");
        assert_eq!(refusal("ftp", &[("endpoint", "nas")], &[]), "endpoint");
        assert_eq!(refusal("ftp", &[("endpoint", "ftp://nas")], &[("password", "p")]), "user");
        let key = [("private_key", "none")];
        assert_eq!(refusal("sftp", &[("endpoint", "nas"), ("user", "u")], &key), "private_key");
        assert_eq!(refusal("sftp", &[("endpoint", "nas")], &key), "user");
        let unseen = [("endpoint", "nas"), ("user", "u"), ("known_hosts_strategy", "accept")];
        assert_eq!(refusal("sftp", &unseen, &key), "known_hosts_strategy");
    }
}
