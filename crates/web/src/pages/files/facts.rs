//! What a config says, drawn as facts: what every config has, and of the rest what was set otherwise than it is by
//! itself.

use jiff::Timestamp;
use maud::{Markup, html};
use model::file::{FileCompare, FileMode};
use systems::files::{Detail, Opt, Side, services};

use super::{View, draw, when};
use crate::components::text::full;

/// What most configs leave as it is, in the order it is told.
const FURTHER: [&str; 9] = [
    "target.must_exist",
    "target.case_insensitive",
    "mtime_tolerance_ms",
    "backup_dir",
    "create_empty_dirs",
    "transfers",
    "checkers",
    "bandwidth_limit",
    "priority",
];

pub(super) fn facts(view: &View<'_>, config: &Detail) -> Markup {
    let w = view.words;
    let compare = FileCompare::from_word(config.compare).map_or(config.compare, w.compares);
    html! {
        dl.facts {
            dt { (w.source) } dd { (side(view, &config.source)) }
            dt { (w.target) } dd { (side(view, &config.target.side)) }
            @if let Some(mode) = FileMode::from_word(config.mode) {
                @let (name, what) = (w.modes)(mode);
                dt { (w.mode) } dd { (name) " " small { (what) } }
            }
            dt { (w.when) } dd { (when::rule(view, config)) }
            @if config.cron.is_some() { dt { (w.zone) } dd { (config.timezone) } }
            @if let Some(text) = &config.end_time { dt { ((w.further_field)("end_time")[0]) } dd { (end(view, text)) } }
            dt { (w.last) } dd { @match draw::time(view, config.last_sync.as_deref()) { Some(at) => (at), None => (w.never) } }
            dt { (w.rules) } dd { (filters(view, config)) }
            @if !config.rename_rules.is_empty() { dt { (w.rename_rows) } dd { (renames(view, config)) } }
            dt { (w.compare) } dd { (compare) }
            dt { (w.guard) } dd { ((w.guard_said)(config.delete_guard.max_files, config.delete_guard.max_percent)) }
            @for name in FURTHER {
                @if let Some(said) = further(view, config, name) { dt { ((w.further_field)(name)[0]) } dd { (said) } }
            }
        }
    }
}

/// What a config says of something that most leave as it is; nothing where it does so too.
fn further(view: &View<'_>, config: &Detail, name: &str) -> Option<Markup> {
    let w = view.words;
    let other = |number: i64, usual: i64| (number != usual).then(|| html! { (number) });
    match name {
        "target.must_exist" => config.target.must_exist.then(|| html! { (w.must_exist_choices[1]) }),
        "target.case_insensitive" => {
            let folded = config.target.case_insensitive?;
            Some(html! { (w.cases[usize::from(folded)]) })
        }
        "mtime_tolerance_ms" => Some(html! { (config.mtime_tolerance_ms?) " ms" }),
        "backup_dir" => Some(
            html! { code { (config.backup_dir.as_deref()?) } " " small { ((w.further_field)(name)[1]) } },
        ),
        "create_empty_dirs" => (!config.create_empty_dirs).then(|| html! { (w.empty_folders[1]) }),
        "transfers" => other(config.transfers.into(), 8),
        "checkers" => other(config.checkers.into(), 8),
        "bandwidth_limit" => {
            let limit = config.bandwidth_limit;
            (limit > 0).then(|| html! { ((w.speed)(&draw::bytes(limit))) })
        }
        _ => other(config.priority.into(), 0),
    }
}

/// When a config stops being synced, and whether that has come.
fn end(view: &View<'_>, text: &str) -> Markup {
    let Ok(at) = text.parse::<Timestamp>() else { return html! { (text) } };
    html! {
        time datetime=(at) { (full(at, view.scene.zone)) }
        @if at <= view.scene.now { " " small { ((view.words.unscheduled)("expired")) } }
    }
}

/// What is left out: lines as they were written, and plainer rules as sentences.
fn filters(view: &View<'_>, config: &Detail) -> Markup {
    let (w, filters) = (view.words, &config.filters);
    html! {
        @if filters.rules.is_empty() && filters.exclusions.is_empty() { (w.none) }
        ul.rules {
            @for rule in &filters.rules {
                li { code { (rule) } @if !filters.case_sensitive { " " small { (w.uncased) } } }
            }
            @for rule in &filters.exclusions {
                @let [before, after] = (w.exclusion)(rule);
                li { (before) " " code { (rule.pattern) } " " (after) (cased(view, rule.case_sensitive)) }
            }
        }
    }
}

fn renames(view: &View<'_>, config: &Detail) -> Markup {
    let w = view.words;
    html! {
        ul.rules {
            @for rule in &config.rename_rules {
                li {
                    code { (rule.match_regex) }
                    span.arrow { span aria-hidden="true" { " → " } span.unseen { " " (w.to) " " } }
                    @if rule.replace_string.is_empty() { (w.nothing) } @else { code { (rule.replace_string) } }
                    " " small { ((w.rename_scope)(rule.target_scope)) } (cased(view, rule.case_sensitive))
                }
            }
        }
    }
}

fn cased(view: &View<'_>, counts: bool) -> Markup {
    html! { @if counts { " " small { (view.words.cased) } } }
}

/// A tree, with what its storage is reached by; of secrets only that they are set.
fn side(view: &View<'_>, side: &Side) -> Markup {
    let w = view.words;
    let named = |option: &str| (w.option)(option).unwrap_or(option).to_owned();
    let kind = services().iter().find(|known| known.name == side.service);
    let known = kind.map(|known| known.options).unwrap_or_default();
    let given = known.iter().filter_map(|option| Some((option, side.options.get(option.name)?)));
    let options = given.filter(|(option, _)| !draw::in_place(side, option.name));
    let set = side.secrets_set.iter().map(|secret| format!("{}{}", named(secret), w.set_short));
    let told = options
        .map(|(option, value)| (w.on)(&named(option.name), option_value(view, option, value)))
        .chain(set);
    html! {
        code { (draw::place(side)) } " " small { ((w.services)(&side.service).unwrap_or(&side.service)) }
        @for told in told { small { " · " (told) } }
    }
}

/// What an option is set to; words of a list are told in those of the form.
fn option_value<'a>(view: &View<'_>, option: &Opt, value: &'a str) -> &'a str {
    (view.words.option_choice)(value).filter(|_| !option.choices.is_empty()).unwrap_or(value)
}
