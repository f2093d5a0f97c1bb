//! Drawings of a run: its bar, its badge, its buttons.

use maud::{Markup, html};
use model::run::Run;
use model::state::{Control, PartitionState, RunState};
use serde::Deserialize;

use super::text::worded;
use crate::i18n::Language;
use crate::progress::Progress;

/// Bytes shown of what a run has to say beside others; the whole of it is on its page.
pub(crate) const REMARK_BYTES: usize = 400;

/// What may be asked of a run by a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verb {
    /// Drop the rest.
    Cancel,
    /// Keep the rest.
    Pause,
    /// Go on.
    Resume,
    /// The failed ones again.
    Retry,
}

impl Verb {
    /// The last part of its address.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Retry => "retry",
        }
    }

    /// The verb of such a word.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Cancel, Self::Pause, Self::Resume, Self::Retry].into_iter().find(|verb| verb.word() == word)
    }

    /// The verbs that make sense for a run as it stands.
    pub(crate) fn fitting(run: &Run) -> &'static [Self] {
        match (run.state, run.control) {
            (RunState::Partial | RunState::Failed | RunState::Cancelled, _) => &[Self::Retry],
            (RunState::Succeeded, _) | (_, Control::Cancel) => &[],
            (RunState::Paused, _) => &[Self::Resume, Self::Cancel],
            (RunState::Queued | RunState::Running | RunState::Waiting, Control::Pause) => &[Self::Cancel],
            (RunState::Queued | RunState::Running | RunState::Waiting, Control::None) => {
                &[Self::Pause, Self::Cancel]
            }
        }
    }
}

/// Buttons that work as plain forms.
pub(crate) fn buttons(run: &Run, language: Language) -> Markup {
    let m = language.messages();
    html! {
        @for verb in Verb::fitting(run) {
            @let word = verb_words(*verb, language);
            form method="post" action={ "/runs/" (run.id) "/" (verb.word()) } {
                button #{ (verb.word()) "-" (run.id) } data-verb=(verb.word())
                    aria-label=((m.verb_on)(word, run.id.0)) { (word) }
            }
        }
    }
}

/// What stands on a verb's button.
pub(crate) fn verb_words(verb: Verb, language: Language) -> &'static str {
    let m = language.messages();
    match verb {
        Verb::Cancel => m.cancel,
        Verb::Pause => m.pause,
        Verb::Resume => m.resume,
        Verb::Retry => m.retry,
    }
}

/// A partition's state in words: those of runs, where they are the same.
pub(crate) fn partition_words(state: PartitionState, language: Language) -> &'static str {
    let m = language.messages();
    match (state, RunState::from_word(state.as_str())) {
        (_, Some(same)) => (m.run_state)(same),
        (PartitionState::Skipped, None) => m.skipped,
        (_, None) => m.quarantined,
    }
}

/// The state in words, with its colour and the wish that is under way.
pub(crate) fn badge(run: &Run, language: Language) -> Markup {
    let m = language.messages();
    let words = match (run.state.is_end(), run.control) {
        (false, Control::Cancel) => m.cancelling,
        (false, Control::Pause) if run.state != RunState::Paused => m.pausing,
        _ => (m.run_state)(run.state),
    };
    html! { span .badge data-state=(run.state.as_str()) { (words) } }
}

/// Partitions by outcome and the part of the one now being done, side by side.
pub(crate) fn bar(run: &Run, progress: &Progress, language: Language) -> Markup {
    let m = language.messages();
    let total = run.partitions_total.max(1) as f64;
    let share = |count: i64| count as f64 / total * 100.0;
    let finished = share(run.partitions_finished());
    let pieces = [
        ("succeeded", share(run.partitions_succeeded)),
        ("skipped", share(run.partitions_skipped)),
        ("failed", share(run.partitions_failed)),
        ("current", (progress.percent - finished).max(0.0)),
    ];
    let mut left = 0.0;
    let placed = pieces.map(|(piece, width)| {
        let place = (piece, left, width);
        left += width;
        place
    });
    html! {
        svg.bar role="progressbar" aria-label=(m.progress) aria-valuemin="0" aria-valuemax="100"
            aria-valuenow=(progress.percent) aria-valuetext={ (progress.percent) " %" } {
            @for (piece, left, width) in placed {
                @if width > 0.0 {
                    rect data-piece=(piece) x={ (format!("{left:.2}")) "%" } width={ (format!("{width:.2}")) "%" }
                        height="100%" {}
                }
            }
        }
    }
}

/// Which run: its number, its sync, and who asked for it.
pub(crate) fn title(run: &Run, language: Language) -> Markup {
    let m = language.messages();
    html! {
        span.title {
            b { a href={ "/runs/" (run.id) } { "#" (run.id) " " (run.sync) } }
            small title=(run.label) {
                (worded(run.reference.as_deref().unwrap_or(&run.label), language)) " · " ((m.trigger)(run.trigger))
            }
        }
    }
}
