//! What is wrong with a command line, told in the terminal's language. English are clap's own words; the Chinese ones
//! are made of what it knows of the mistake, and anything it says in no parts stays as it is.

use std::error::Error as _;
use std::num::{IntErrorKind, ParseIntError};

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use web::i18n::Language;

use crate::exit::Exit;
use crate::{frame, screen};

/// Tells the mistake, or writes the help or the version where that was asked for.
pub(crate) fn told(error: &Error, language: Language) -> Exit {
    if language == Language::English {
        error.exit();
    }
    if let Some(exit) = frame::help(error) {
        return exit;
    }
    let Some(words) = in_chinese(error) else { error.exit() };
    screen::complain(&words);
    Exit::Usage
}

/// The mistake with its suggestions, the usage and where to read more; nothing of a kind with no words here.
fn in_chinese(error: &Error) -> Option<String> {
    let mut said = format!("错误：{}", mistake(error)?);
    let tips = tips(error);
    if !tips.is_empty() {
        said.push_str("\n\n");
        said.push_str(&tips.join("\n"));
    }
    if let Some(usage) = known(error, ContextKind::Usage) {
        said.push_str("\n\n用法：");
        said.push_str(usage.trim_start_matches("Usage:").trim());
    }
    said.push_str("\n\n更多信息请用 '--help' 查看。");
    Some(said)
}

fn mistake(error: &Error) -> Option<String> {
    let of = |kind| known(error, kind);
    let argument = of(ContextKind::InvalidArg);
    let subcommand = of(ContextKind::InvalidSubcommand);
    Some(match error.kind() {
        ErrorKind::UnknownArgument => format!("未知的参数 '{}'", argument?),
        ErrorKind::InvalidSubcommand => format!("未知的子命令 '{}'", subcommand?),
        ErrorKind::MissingRequiredArgument => {
            format!("缺少必需的参数：{}", lines(error, ContextKind::InvalidArg))
        }
        ErrorKind::MissingSubcommand => {
            format!("'{}' 需要一个子命令{}", subcommand?, choices("子命令", of(ContextKind::ValidSubcommand)))
        }
        ErrorKind::InvalidValue => {
            let (argument, values) = (argument?, choices("可选值", of(ContextKind::ValidValue)));
            match of(ContextKind::InvalidValue).filter(|value| !value.is_empty()) {
                None => format!("参数 '{argument}' 需要一个值{values}"),
                Some(value) => format!("参数 '{argument}' 的值 '{value}' 无效{values}"),
            }
        }
        ErrorKind::ValueValidation => {
            let why = error.source().map(|why| format!("：{}", reason(why))).unwrap_or_default();
            format!("参数 '{}' 的值 '{}' 无效{why}", argument?, of(ContextKind::InvalidValue)?)
        }
        ErrorKind::TooManyValues => {
            format!("参数 '{}' 多了一个值 '{}'", argument?, of(ContextKind::InvalidValue)?)
        }
        ErrorKind::ArgumentConflict => conflict(error, &argument.or(subcommand)?),
        _ => return None,
    })
}

fn conflict(error: &Error, argument: &str) -> String {
    match error.get(ContextKind::PriorArg) {
        Some(ContextValue::String(prior)) if prior == argument => {
            format!("参数 '{argument}' 只能使用一次")
        }
        Some(ContextValue::String(prior)) => format!("参数 '{argument}' 不能与 '{prior}' 同时使用"),
        Some(ContextValue::Strings(_)) => {
            format!("参数 '{argument}' 不能与以下参数同时使用：{}", lines(error, ContextKind::PriorArg))
        }
        _ => format!("参数 '{argument}' 不能与其他参数同时使用"),
    }
}

fn tips(error: &Error) -> Vec<String> {
    let similar = [
        (ContextKind::SuggestedSubcommand, "子命令"),
        (ContextKind::SuggestedArg, "参数"),
        (ContextKind::SuggestedValue, "值"),
    ];
    let similar = similar.into_iter().filter_map(|(kind, what)| {
        let names = match error.get(kind)? {
            ContextValue::Strings(names) => names.clone(),
            name => vec![name.to_string()],
        };
        let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
        Some(format!("相近的{what}：{}", quoted.join("、")))
    });
    let further = match error.get(ContextKind::Suggested) {
        Some(ContextValue::StyledStrs(tips)) => tips.as_slice(),
        _ => &[],
    };
    similar
        .chain(further.iter().map(|tip| advice(&tip.to_string())))
        .map(|tip| format!("  提示：{tip}"))
        .collect()
}

/// A tip that clap gives as a sentence, with what it quotes.
fn advice(tip: &str) -> String {
    let quoted: Vec<&str> = tip.split('\'').skip(1).step_by(2).collect();
    match quoted.as_slice() {
        [value, way] if tip.starts_with("to pass") => format!("要把 '{value}' 作为值，请写成 '{way}'"),
        [command] if tip.ends_with("exists") => format!("有 '{command}'"),
        [command, _] if tip.starts_with("subcommand") => format!("有子命令 '{command}'，前面不加 '--'"),
        _ => tip.to_owned(),
    }
}

/// Why a value was refused.
fn reason(why: &(dyn std::error::Error + 'static)) -> String {
    let said = why.to_string();
    match why.downcast_ref::<ParseIntError>().map(ParseIntError::kind) {
        Some(IntErrorKind::PosOverflow) => "数字过大".to_owned(),
        Some(IntErrorKind::NegOverflow) => "数字过小".to_owned(),
        Some(_) => "不是整数".to_owned(),
        None => match said.split_once(" is not in ").and_then(|(_, bounds)| bounds.split_once("..=")) {
            Some((least, most)) => format!("应为 {least} 到 {most}"),
            None => said,
        },
    }
}

fn known(error: &Error, kind: ContextKind) -> Option<String> {
    error.get(kind).map(ToString::to_string)
}

/// Each on a line of its own.
fn lines(error: &Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::Strings(all)) => all.iter().map(|one| format!("\n  {one}")).collect(),
        Some(one) => format!("\n  {one}"),
        None => String::new(),
    }
}

fn choices(what: &str, values: Option<String>) -> String {
    values
        .filter(|values| !values.is_empty())
        .map(|values| format!("\n  [{what}：{values}]"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, FromArgMatches};

    use super::*;
    use crate::arguments::Arguments;
    use crate::translated::translated;

    /// What is said of a command line that is wrong.
    fn said(line: &str) -> String {
        let command = translated(Arguments::command(), Language::Chinese);
        let matches = command.try_get_matches_from(line.split(' '));
        let error = matches.and_then(|found| Arguments::from_arg_matches(&found)).unwrap_err();
        assert!(error.use_stderr(), "{line}");
        in_chinese(&error).unwrap()
    }

    /// Where to read more, which every mistake ends with.
    const MORE: &str = "\n\n更多信息请用 '--help' 查看。";

    #[track_caller]
    fn assert_said(line: &str, expected: &str) {
        assert_eq!(said(line), format!("{expected}{MORE}"), "{line}");
    }

    #[test]
    fn a_wrong_command_line_is_told_with_its_suggestion_and_usage() {
        assert_said(
            "syncline file list",
            "错误：未知的子命令 'file'\n\n  提示：相近的子命令：'files'\n\n用法：syncline [OPTIONS] <COMMAND>",
        );
        assert_said(
            "syncline runs list --limt 3",
            "错误：未知的参数 '--limt'\n\n  提示：相近的参数：'--limit'\n\n用法：syncline runs list --limit <LIMIT>",
        );
        assert_said(
            "syncline files show 1 --cancel",
            "错误：未知的参数 '--cancel'\n\n  提示：要把 '--cancel' 作为值，请写成 '-- --cancel'\n\n用法：syncline files show <ID>",
        );
        assert_said(
            "syncline files show",
            "错误：缺少必需的参数：\n  <ID>\n\n用法：syncline files show <ID>",
        );
    }

    #[test]
    fn a_wrong_value_is_told_with_what_is_allowed() {
        assert_said(
            "syncline files add --mode mirror",
            "错误：参数 '--mode <MODE>' 的值 'mirror' 无效\n  [可选值：incremental, full, overwrite]",
        );
        assert_said("syncline files add --name", "错误：参数 '--name <NAME>' 需要一个值");
        assert_said("syncline files show abc", "错误：参数 '<ID>' 的值 'abc' 无效：不是整数");
        let huge = "99999999999999999999";
        assert_said(
            &format!("syncline files show {huge}"),
            &format!("错误：参数 '<ID>' 的值 '{huge}' 无效：数字过大"),
        );
        assert_said(
            "syncline runs list --limit 900",
            "错误：参数 '--limit <LIMIT>' 的值 '900' 无效：应为 1 到 500",
        );
    }

    #[test]
    fn arguments_that_do_not_go_together_are_told_by_their_names() {
        assert_said(
            "syncline files add --file a --name b --mode full",
            "错误：参数 '--file <FILE>' 不能与以下参数同时使用：\n  --name <NAME>\n  --mode <MODE>\n\n用法：syncline files add --file <FILE>",
        );
        assert_said(
            "syncline files run 1 --dry-run --force",
            "错误：参数 '--dry-run' 不能与 '--force' 同时使用\n\n用法：syncline files run --dry-run <ID>",
        );
        assert_said(
            "syncline runs list --limit 1 --limit 2",
            "错误：参数 '--limit <LIMIT>' 只能使用一次\n\n用法：syncline runs list [OPTIONS]",
        );
        assert_said(
            "syncline files list --json=1",
            "错误：参数 '--json' 多了一个值 '1'\n\n用法：syncline files list --json",
        );
    }
}
