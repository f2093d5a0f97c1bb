//! What stands around the help's texts: its headings and the texts of its own flags, which clap says in English and
//! leaves to nobody. In Chinese they are put in place of its own when the help is written.

use std::io::IsTerminal;

use clap::Error;
use clap::error::ErrorKind;

use crate::exit::Exit;
use crate::screen;

/// Nothing else of a translated help has these words.
const FRAME: &[(&str, &str)] = &[
    ("Usage:", "用法："),
    ("Commands:", "命令："),
    ("Arguments:", "参数："),
    ("Options:", "选项："),
    ("Server:", "服务器："),
    ("Everywhere:", "通用："),
    ("Faults:", "故障："),
    ("[default: ", "[默认："),
    ("[possible values: ", "[可选值："),
    ("Print this message or the help of the given subcommand(s)", "打印本帮助，或给定子命令的帮助"),
    ("Print help", "打印帮助"),
    ("Print version", "打印版本"),
];

/// Writes the help where that is what was asked for, or what is told to a command line that is not whole.
pub(crate) fn help(error: &Error) -> Option<Exit> {
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let text = |is_terminal: bool| {
        let help = error.render();
        in_chinese(if is_terminal && !no_colour { help.ansi().to_string() } else { help.to_string() })
    };
    match error.kind() {
        ErrorKind::DisplayHelp => {
            screen::say(&text(std::io::stdout().is_terminal()));
            Some(Exit::Done)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            screen::complain(&text(std::io::stderr().is_terminal()));
            Some(Exit::Usage)
        }
        _ => None,
    }
}

fn in_chinese(help: String) -> String {
    let framed = FRAME.iter().fold(help, |help, (english, chinese)| help.replace(english, chinese));
    framed.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};
    use web::i18n::Language;

    use super::*;
    use crate::arguments::Arguments;
    use crate::translated::translated;

    /// The helps of a command and of all below it.
    fn helps(command: &Command, said: &mut Vec<String>) {
        said.push(in_chinese(command.clone().render_help().to_string()));
        command.get_subcommands().for_each(|inner| helps(inner, said));
    }

    #[test]
    fn no_heading_and_no_text_of_a_help_is_english() {
        let mut command = translated(Arguments::command(), Language::Chinese);
        command.build();
        let mut said = Vec::new();
        helps(&command, &mut said);
        assert!(said.len() > 40, "{}", said.len());
        for help in said {
            let left = [
                "Usage",
                "Commands",
                "Options:",
                "Arguments",
                "Server:",
                "Print ",
                "default",
                "possible values",
            ];
            assert!(left.iter().all(|word| !help.contains(word)), "{help}");
            let headings = help.lines().filter(|line| line.ends_with(':') && !line.starts_with(' '));
            assert_eq!(headings.collect::<Vec<_>>(), Vec::<&str>::new(), "{help}");
        }
    }
}
