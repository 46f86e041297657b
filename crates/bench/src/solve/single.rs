//! Single: one question, one answer; its last line is what is handed in.

use model::Message;

use super::{Abandoned, Conversation, Solved, Solving, ended, system};
use crate::task::{Answer, Solver};
use crate::tools::Handed;

/// Asks `prompt` once.
pub fn single(solving: &Solving<'_>, prompt: &str) -> Result<Solved, Abandoned> {
    let mut conversation = Conversation::new(solving, &[]);
    conversation.tell(Message::System(
        system(Solver::Single, &Answer::Text, &solving.bounds).into(),
    ));
    conversation.tell(Message::User(prompt.into()));
    let answered = conversation.ask();
    let mut transcript = conversation.end();
    let handed = match answered {
        Ok(turn) => Handed::Text(last_line(&turn.text).into()),
        Err(end) => {
            ended(end, &mut transcript)?;
            Handed::Nothing
        }
    };
    transcript.submission = handed.told();
    Ok(Solved { transcript, handed })
}

/// The last line with something on it; a model may think aloud before.
fn last_line(text: &str) -> &str {
    let mut lines = text.lines().map(str::trim);
    lines.rfind(|line| !line.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_says_something_is_the_answer() {
        assert_eq!(last_line("It adds.\n\n  42 \n\n"), "42");
        assert_eq!(last_line("42"), "42");
        assert_eq!(last_line(" \n"), "");
    }
}
