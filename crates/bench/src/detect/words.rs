//! Words: what of a task does somebody say who met it elsewhere?

use super::Attempt;

/// The words that only somebody who met the task elsewhere knows.
pub struct Words(Vec<Word>);

struct Word {
    what: &'static str,
    /// Small letters, one blank between words.
    text: String,
}

impl Words {
    /// How many they are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub fn of(attempt: &Attempt<'_>) -> Words {
        let mut all = vec![Word {
            what: "the task's id",
            text: attempt.task.id.to_string(),
        }];
        let own = attempt.task.canary.as_deref().into_iter();
        all.extend(
            own.chain(attempt.canaries.iter().copied())
                .map(|canary| Word {
                    what: "a canary",
                    text: plain(canary),
                }),
        );
        let title = plain(&attempt.task.title);
        // A short one, such as `a key that repeats`, is what anybody may say of the task.
        if title.split(' ').count() >= TITLE_WORDS_MIN && title.len() >= TITLE_BYTES_MIN {
            all.push(Word {
                what: "the task's title",
                text: title,
            });
        }
        Words(all)
    }

    pub fn learn(&self, text: &str, known: &mut [bool]) {
        let text = plain(text);
        for (word, known) in self.0.iter().zip(known) {
            *known |= text.contains(&word.text);
        }
    }

    /// What `text` holds that was never shown.
    pub fn unknown(&self, text: &str, known: &[bool]) -> Option<&'static str> {
        let text = plain(text);
        let mut words = self.0.iter().zip(known);
        let found = words.find(|(word, known)| !**known && text.contains(&word.text));
        found.map(|(word, _)| word.what)
    }

    /// Whether somebody who asks for `text` outside asks for this task, or for its solution.
    pub fn asks_for_it(&self, text: &str) -> bool {
        // In an address, blanks are `+`, `-`, `_` or `%20`.
        let plainer = plain(&text.replace("%20", " ").replace(['+', '-', '_'], " "));
        let named = |word: &Word| plainer.contains(&word.text.replace('-', " "));
        is_walkthrough(text) || self.0.iter().any(named)
    }
}

/// A title of fewer words or letters may be met by chance.
const TITLE_WORDS_MIN: usize = 5;
const TITLE_BYTES_MIN: usize = 24;

/// Small letters, one blank where there were any.
fn plain(text: &str) -> String {
    text.to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Words by which solutions of others are found.
pub fn is_walkthrough(text: &str) -> bool {
    let text = text.to_lowercase();
    ["walkthrough", "walk-through", "writeup", "write-up"]
        .iter()
        .any(|word| text.contains(word))
}
