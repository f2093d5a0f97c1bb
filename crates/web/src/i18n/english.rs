//! English.

use model::run::Trigger;
use model::schedule::TickDecision;

use super::Messages;

pub(super) static MESSAGES: Messages = Messages {
    title: "Syncline",
    tagline: "What is in sync, what is on its way, what is missing",
    skip_to_content: "Skip to content",
    overview: "Overview",
    runs: "Runs",
    stocks: "Stocks",
    races: "Races",
    tasks: "Tasks",
    files: "Files",
    unread_records: |count| {
        if count == 1 {
            "1 unread record of a task sync".into()
        } else {
            format!("{count} unread records of task syncs")
        }
    },
    schedules: "Schedules",
    tables: "Tables",
    api_docs: "API",
    settings: "Settings",
    keys: "Keys",
    keys_list: [
        ("/", "to the first field"),
        ("1 … 9", "the pages of the top bar"),
        ("?", "this list"),
        ("Esc", "closes it"),
    ],
    close: "Close",
    this_language: "English",
    other_language: "中文",
    live: "Live",
    live_lost: "Connection lost, trying again",

    health: "Health",
    database: "State database",
    answers: |milliseconds| format!("answers within {milliseconds} ms"),
    does_not_answer: "does not answer",
    not_run: "has not run lately",

    active_runs: "Active runs",
    no_active_runs: "Nothing is running.",
    no_active_hint: "Start a run here, by the command line or the API, or wait for the next schedule.",
    recent_runs: "Recent runs",
    no_recent_runs: "No run has ended yet.",
    history: "Last 14 days",
    history_said: |good, total| format!("{good} of {total} runs succeeded"),
    history_numbers: "The numbers",
    day: "Day",
    unread: |count| {
        if count == 1 { "1 ended run unread".into() } else { format!("{count} ended runs unread") }
    },
    nothing_unread: "Everything read",
    mark_all_read: "Mark all as read",
    next_schedules: "Next schedules",
    no_schedules: "No schedules.",
    start_run: "Sync a date range",
    from: "From",
    to: "To",
    start: "Start",

    run: "Run",
    state: "State",
    progress: "Progress",
    partitions: "Partitions",
    items: "Items",
    began: "Began",
    took: "Took",
    so_far: |duration| format!("for {duration} so far"),
    time_in: |zone| format!("Times in {zone}"),
    paused: "paused",

    succeeded: "succeeded",
    skipped: "skipped",
    failed: "failed",
    quarantined: "quarantined",
    remaining: "to go",
    new: "new",
    updated: "updated",
    unchanged: "unchanged",
    deleted: "deleted",
    now_at: |key| format!("now at {key}"),
    of: |done, total| format!("{done} of {total}"),
    eta: |time| format!("done about {time}"),
    eta_unknown: "end not known yet",
    resumes_at: |time| format!("goes on at {time}"),
    pausing: "pausing…",
    cancelling: "cancelling…",

    cancel: "Cancel",
    pause: "Pause",
    resume: "Resume",
    retry: "Retry",
    run_now: "Run now",
    verb_on: |verb, run| format!("{verb}: run {run}"),

    trigger: |trigger| match trigger {
        Trigger::Manual => "asked by hand",
        Trigger::Schedule => "by schedule",
        Trigger::Retry => "retry",
        Trigger::Backfill => "backfill",
    },
    run_state: |state| state.as_str(),
    decision: |decision| match decision {
        TickDecision::Started => "started",
        TickDecision::Buffered => "waits for its turn",
        TickDecision::SkippedOverlap => "skipped, another run was active",
        TickDecision::Missed => "missed",
        TickDecision::NothingToDo => "nothing to do",
        TickDecision::Refused => "refused",
    },
    duration: |seconds| match (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, s) => format!("{s} s"),
        (0, 0, m, s) => format!("{m} min {s} s"),
        (0, h, m, _) => format!("{h} h {m} min"),
        (d, h, _, _) => format!("{d} d {h} h"),
    },

    docs_intro: "Everything the console and the command line do goes through these routes.",
    docs_download: "OpenAPI document",
    docs_parameters: "Parameters",
    docs_body: "Body",
    docs_answers: "Answers",
    docs_problems: "Problems",
    docs_problems_intro: "Errors are problem details (RFC 9457). `code` is stable; title and detail follow the \
                          request's language.",
    docs_required: "required",
    docs_shapes: "Shapes",
    status: "Status",
    meaning: "Meaning",
    kind: "Type",
};
