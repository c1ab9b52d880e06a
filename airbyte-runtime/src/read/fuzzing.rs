//! States, for the harness of bad input.

use std::rc::Rc;
use std::sync::Arc;

use airbyte_manifest::Manifest;
use serde_json::{Value, json};

use super::checkpoint::{Checkpoint, Moment};
use super::ledger::Ledger;
use crate::fuzzing::parts;
use crate::plan::slice::Part;
use crate::plan::{Partition, Plan, StreamPlan};
use crate::protocol::{StateInput, without_sentinels};
use crate::time;

/// Streams with every kind of state.
const STREAMS: &str = include_str!("fuzzing.yaml");
/// How many slices are made of a state.
const SLICES: usize = 200;

/// A state file.
pub(crate) fn state(data: &[u8]) {
    thread_local! {
        static PLAN: Rc<Plan> = Rc::new(streams());
    }
    let Some([text]) = parts(data) else { return };
    let Ok(input) = StateInput::parse(text) else { return };
    let plan = PLAN.with(Rc::clone);
    for stream in &plan.streams {
        let states = input.streams().map(|(_, blob)| blob);
        for given in states.chain(input.get(&stream.name, None)) {
            let Some(given) = without_sentinels(given) else { continue };
            resume(stream, &given);
            if let Some(migrated) = stream.migrate_state.as_ref().and_then(|migration| migration.migrate(&given)) {
                resume(stream, &migrated);
            }
        }
    }
}

fn streams() -> Plan {
    let manifest = Manifest::load(STREAMS, "fuzzing.yaml", false).unwrap_or_else(|report| panic!("{report}"));
    crate::manifest::fuzzing::plan(&manifest, &json!({})).expect("a plan")
}

/// What a sync says first that goes on from a state that another one wrote.
fn again(stream: &Arc<StreamPlan>, said: &Value) -> Value {
    match Checkpoint::resume(stream, Some(said)) {
        Ok(checkpoint) => checkpoint.with_foreign(Some(said)).current(),
        Err(error) => panic!("{} refuses the state {said} that it wrote: {error}", stream.name),
    }
}

/// Goes on from a state: what is said at once is what a second try begins with.
fn resume(stream: &Arc<StreamPlan>, given: &Value) {
    let (state, jobs) = Ledger::take(given);
    let state = state.as_deref();
    let Ok(checkpoint) = Checkpoint::resume(stream, state) else { return };
    let mut checkpoint = checkpoint.with_foreign(state).with_jobs(jobs);
    // A state before the configured start is one at the start from then on.
    let said = again(stream, &checkpoint.current());
    assert_eq!(again(stream, &said), said, "{} moves its state", stream.name);
    let now = time::Moment::from_epoch_nanos(1_735_689_600_000_000_000).expect("an instant");
    for keys in [json!({}), json!({"part": "a"}), json!({"id": 1, "parent_slice": {}})] {
        let keys = keys.as_object().cloned().unwrap_or_default();
        let partition = Arc::new(Partition::new(Part { keys, ..Part::default() }));
        for slice in checkpoint.open(partition, now).take(SLICES) {
            let _ = slice.describe();
            checkpoint.close(slice, None);
        }
        let _ = checkpoint.state(usize::MAX / 16, Moment::Underway);
    }
    checkpoint.settle();
    let _ = checkpoint.state(0, Moment::Complete);
}
