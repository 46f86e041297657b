//! Agent: turn by turn with tools, until something is handed in.

use std::time::Instant;

use model::{Message, ToolCall};

use super::{Abandoned, Conversation, End, Solved, Solving, ended};
use crate::tools::{Came, Handed, Tools};
use crate::transcript::{Error, Part};

/// Answers without a tool, one after another, before it counts as given up: the first may be a plan, the second a
/// question to nobody.
pub(super) const NUDGES_MAX: u32 = 3;

/// Tools that are called for in one answer; of more the rest is told to come again.
const CALLS_MAX: usize = 16;

/// What a model is told that neither called a tool nor handed anything in.
pub(super) const NUDGE: &str = "No tool was called. Go on with the tools, or hand in with `submit`: nobody reads what is only said.";

/// Lets the model work on `prompt` with `tools`, after `system`.
pub fn agent(
    solving: &Solving<'_>,
    system: &str,
    prompt: &str,
    mut tools: Box<dyn Tools + '_>,
) -> Result<Solved, Abandoned> {
    let mut conversation = Conversation::new(solving, tools.offered());
    conversation.tell(Message::System(system.into()));
    conversation.tell(Message::User(prompt.into()));
    let worked = work(&mut conversation, tools.as_mut());
    let mut transcript = conversation.end();
    let closed = tools.close();
    if let Err(end) = worked {
        ended(end, &mut transcript)?;
    }
    let handed = match closed {
        Ok((handed, seen)) => {
            transcript.sandbox = seen;
            handed
        }
        // What it had in its hands is gone with it; what the sandbox saw is not known.
        Err(why) => {
            transcript.error.get_or_insert(lost(why));
            Handed::Nothing
        }
    };
    transcript.submission = handed.told();
    Ok(Solved { transcript, handed })
}

/// Ends well where something was handed in, or the model gave up.
fn work(conversation: &mut Conversation<'_>, tools: &mut (dyn Tools + '_)) -> Result<(), End> {
    let mut nudges = 0;
    loop {
        let turn = conversation.ask()?;
        if turn.calls.is_empty() {
            nudges += 1;
            if nudges >= NUDGES_MAX {
                return Ok(());
            }
            conversation.tell(Message::User(NUDGE.into()));
            continue;
        }
        nudges = 0;
        for (at, call) in turn.calls.iter().enumerate() {
            if at >= CALLS_MAX {
                let why = format!(
                    "not done: at most {CALLS_MAX} tools can be called at once; call it again"
                );
                conversation.tell_result(call, why.into(), true, Instant::now());
            } else if is_done(conversation, tools, call)? {
                return Ok(());
            }
        }
    }
}

/// Does what was called for; whether that was all.
fn is_done(
    conversation: &mut Conversation<'_>,
    tools: &mut (dyn Tools + '_),
    call: &ToolCall,
) -> Result<bool, End> {
    let began = Instant::now();
    let deadline = conversation.deadline();
    if began >= deadline {
        return Err(End::Limit(frontier::Limit::Time));
    }
    match tools.call(call, deadline) {
        Came::Said { text, is_error } => {
            conversation.tell_result(call, text, is_error, began);
            Ok(false)
        }
        Came::Submitted => {
            conversation.tell_result(call, "handed in".into(), false, began);
            Ok(true)
        }
        Came::Lost(_) if Instant::now() >= deadline => Err(End::Limit(frontier::Limit::Time)),
        Came::Lost(why) => Err(End::Error(lost(why))),
    }
}

fn lost(text: Box<str>) -> Error {
    Error {
        part: Part::Sandbox,
        text,
    }
}
