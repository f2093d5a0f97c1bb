//! The closed word lists of the API's document, taken from `model` so that they cannot drift.

use std::borrow::Cow;

use model::ledger::LedgerState;
use model::policy::{Missed, Overlap};
use model::run::Trigger;
use model::schedule::TickDecision;
use model::state::{Control, PartitionState, RunState};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident of $source:ty;)+) => {
        $(
            $(#[$doc])*
            pub(crate) struct $name;

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    let words = <$source>::ALL.iter().map(|value| value.as_str());
                    ObjectBuilder::new()
                        .schema_type(SchemaType::Type(Type::String))
                        .enum_values(Some(words))
                        .into()
                }
            }

            impl ToSchema for $name {
                fn name() -> Cow<'static, str> {
                    Cow::Borrowed(stringify!($name))
                }
            }
        )+
    };
}

words! {
    /// States of a run.
    RunStateWord of RunState;
    /// States of a partition.
    PartitionStateWord of PartitionState;
    /// What was asked of a run.
    ControlWord of Control;
    /// Who asked for a run.
    TriggerWord of Trigger;
    /// States of a ledger row.
    LedgerStateWord of LedgerState;
    /// Overlap policies.
    OverlapWord of Overlap;
    /// Missed policies.
    MissedWord of Missed;
    /// What became of a schedule's time.
    TickDecisionWord of TickDecision;
}
