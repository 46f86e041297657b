//! Canary: words drawn at random that tell who met a suite, and whose copy leaked.
//!
//! Four tiers: one in what is public, one in each task, one for each recipient of a copy, and some that stand nowhere
//! and are asked about like the others. The words are secret but for the first; asking shows an endpoint their first
//! halves alone.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use frontier::TaskId;
use frontier::contamination::{Asked, Chance, ContaminationRecord, FORM, Tier, reading};
use jiff::Timestamp;
use keys::Dice;
use model::{Message, Model, Request, Sampling};
use names::Refusal;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use crate::suite::Suite;
use crate::task::Task;

/// Digits that stand together count as drawn at random from here on; fewer are met in words.
const RUN_DIGITS_MIN: usize = 4;

/// Bits that the second half of a canary has at least, or it is not asked about: one in 2^20 of those who were never
/// there finds it in an answer of [`ANSWER_CHARS_MAX`].
const BITS_MIN: u32 = 32;

/// Of an answer, so much is looked at: whoever says enough says anything.
const ANSWER_CHARS_MAX: usize = 4_096;

/// Canaries that stand nowhere, at most: each is a question.
pub const CONTROLS_MAX: u32 = 10_000;

/// Questions that go unanswered one after another, after which nobody is asked any more.
const UNANSWERED_MAX: u32 = 5;

/// What a watermark file calls itself.
const MARKS: &str = "seamark-watermarks/1";

/// Recipients of one file.
pub const RECIPIENTS_MAX: usize = 1_000;

/// Of the file: all recipients, with the longest names, fit.
pub const MARKS_BYTES_MAX: u64 = 1 << 20;

/// A name is a line.
const NAME_CHARS_MAX: usize = 200;

/// Whose copies there are, and what their words are drawn by. Secret: whoever has it can put another's name on a copy.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watermarks {
    form: Box<str>,
    key: Box<str>,
    recipients: Vec<Box<str>>,
}

impl Drop for Watermarks {
    fn drop(&mut self) {
        let mut key = std::mem::take(&mut self.key).into_string();
        key.zeroize();
    }
}

/// A copy's word that was found in a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Traced {
    pub recipient: Box<str>,
    pub task: Box<str>,
    /// Whether all of the word is there, or one half.
    pub whole: bool,
}

impl Watermarks {
    /// With a key of its own, and no recipient.
    pub fn new(dice: &mut dyn Dice) -> Watermarks {
        let key: [u8; 32] = keys::dice::draw(dice);
        Watermarks {
            form: MARKS.into(),
            key: hex(&key).into(),
            recipients: Vec::new(),
        }
    }

    /// Reads what [`Watermarks::to_text`] wrote.
    pub fn read(text: &str) -> Result<Watermarks, Refusal> {
        let read: Watermarks = serde_json::from_str(text)
            .map_err(|error| Refusal::whole(format!("is no file of watermarks: {error}")))?;
        let mut wrong = Refusal::none();
        if &*read.form != MARKS {
            wrong.add("form", format!("is `{MARKS}` in what this version reads"));
        }
        let is_key = read.key.len() == 64 && read.key.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_key {
            wrong.add("key", "is 64 hexadecimal digits");
        }
        if read.recipients.len() > RECIPIENTS_MAX {
            wrong.add("recipients", format!("are at most {RECIPIENTS_MAX}"));
        }
        wrong.or(read)
    }

    pub fn to_text(&self) -> String {
        // Text and lists of text are JSON.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    pub fn recipients(&self) -> &[Box<str>] {
        &self.recipients
    }

    /// Adds a recipient; one that is there already keeps its words.
    pub fn add(&mut self, recipient: &str) -> Result<(), Refusal> {
        let recipient = recipient.trim();
        if recipient.is_empty()
            || recipient.chars().count() > NAME_CHARS_MAX
            || recipient.chars().any(char::is_control)
        {
            return Err(Refusal::of(
                "recipient",
                format!("is a name of 1 to {NAME_CHARS_MAX} letters in a line"),
            ));
        }
        if self.recipients.iter().any(|known| **known == *recipient) {
            return Ok(());
        }
        if self.recipients.len() >= RECIPIENTS_MAX {
            return Err(Refusal::of(
                "recipient",
                format!("there are {RECIPIENTS_MAX} already; begin another file"),
            ));
        }
        self.recipients.push(recipient.into());
        Ok(())
    }

    /// The word of a task in a recipient's copy, in the form of a GUID.
    fn word(&self, recipient: &str, task: TaskId) -> String {
        let who = keys::sha256(&[recipient.as_bytes()]);
        let hash = keys::sha256(&[b"\0watermark/v1", self.key.as_bytes(), &who, &task.0]);
        let text = hex(&hash[..16]);
        let parts = [
            &text[..8],
            &text[8..12],
            &text[12..16],
            &text[16..20],
            &text[20..],
        ];
        parts.join("-")
    }

    /// The task as `recipient` gets it.
    pub fn marked(&self, task: &Task, recipient: &str) -> Task {
        Task {
            canary: Some(self.word(recipient, task.id).into()),
            recipient: Some(recipient.into()),
            ..task.clone()
        }
    }

    /// Whose words of these tasks stand in `text`, or a half of them. The text is read once, whatever the number of words.
    pub fn trace(&self, tasks: &[TaskId], text: &str) -> Vec<Traced> {
        let mut halves: HashMap<u64, (usize, usize, Half)> = HashMap::new();
        for (recipient, name) in self.recipients.iter().enumerate() {
            for (task, id) in tasks.iter().enumerate() {
                let (head, tail) = packed(&self.word(name, *id));
                halves.insert(head, (recipient, task, Half::Head));
                halves.insert(tail, (recipient, task, Half::Tail));
            }
        }
        // Where the head of each word that was met ended last, and whether its tail came right behind it.
        let mut found: BTreeMap<(usize, usize), (Option<usize>, bool)> = BTreeMap::new();
        let (mut window, mut digits) = (0_u64, 0);
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        for (place, letter) in letters.enumerate() {
            let Some(digit) = letter.to_digit(16) else {
                digits = 0;
                continue;
            };
            window = window << 4 | u64::from(digit);
            digits += 1;
            let half = halves.get(&window).filter(|_| digits >= HALF_DIGITS);
            if let Some((recipient, task, half)) = half {
                let (head, whole) = found.entry((*recipient, *task)).or_default();
                match half {
                    Half::Head => *head = Some(place),
                    Half::Tail => *whole |= head.is_some_and(|head| head + HALF_DIGITS == place),
                }
            }
        }
        let told = |((recipient, task), (_, whole)): ((usize, usize), (_, bool))| Traced {
            recipient: self.recipients[recipient].clone(),
            task: tasks[task].to_string().into(),
            whole,
        };
        found.into_iter().map(told).collect()
    }
}

/// Which half of a word.
#[derive(Clone, Copy)]
enum Half {
    Head,
    Tail,
}

/// Digits of half a word, which are 64 bits.
const HALF_DIGITS: usize = 16;

/// Both halves of a word, which is 32 digits and dashes.
fn packed(word: &str) -> (u64, u64) {
    let digits = word.chars().filter_map(|letter| letter.to_digit(16));
    let number = digits.fold(0_u128, |number, digit| number << 4 | u128::from(digit));
    ((number >> 64) as u64, number as u64)
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Small letters and digits alone: whoever leaks a word may break it.
fn plain(text: &str) -> String {
    let letters = text.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// A canary, cut: the question shows the first half, and the second is what only who met it knows.
struct Cut {
    head: String,
    tail: String,
    bits: u32,
}

impl Cut {
    fn of(word: &str) -> Cut {
        let word: Vec<char> = word.chars().collect();
        let (head, tail) = word.split_at(word.len() / 2);
        let (head, tail): (String, String) = (head.iter().collect(), tail.iter().collect());
        let bits = bits(&tail);
        Cut { head, tail, bits }
    }

    /// Another of the same form, drawn anew.
    fn control(&self, dice: &mut dyn Dice) -> Cut {
        let mut drawn = |text: &str| -> String {
            let mut out = String::with_capacity(text.len());
            for run in runs(text) {
                match is_random(run) {
                    false => out.push_str(run),
                    true => {
                        for _ in run.chars() {
                            let [byte]: [u8; 1] = keys::dice::draw(dice);
                            out.extend(char::from_digit(u32::from(byte & 15), 16));
                        }
                    }
                }
            }
            out
        };
        Cut {
            head: drawn(&self.head),
            tail: drawn(&self.tail),
            bits: self.bits,
        }
    }

    fn is_completed_by(&self, answer: &str) -> bool {
        let seen: String = answer.chars().take(ANSWER_CHARS_MAX).collect();
        plain(&seen).contains(&plain(&self.tail))
    }
}

/// The text in pieces: digits that stand together, and what is between them.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let is_digit = |letter: char| letter.is_ascii_hexdigit();
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.find(|letter| is_digit(letter) != is_digit(first));
        let (run, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(run)
    })
}

fn is_random(run: &str) -> bool {
    // `added` and `facade` are words.
    run.len() >= RUN_DIGITS_MIN
        && run.chars().all(|letter| letter.is_ascii_hexdigit())
        && run.chars().any(|letter| letter.is_ascii_digit())
}

/// What a guess at `text` has to find, as far as it looks drawn at random.
fn bits(text: &str) -> u32 {
    let digits = runs(text).filter(|run| is_random(run)).map(str::len);
    u32::try_from(digits.sum::<usize>() * 4).unwrap_or(u32::MAX)
}

/// What is asked about.
struct Item {
    tier: Tier,
    recipient: Option<Box<str>>,
    cut: Cut,
}

/// How the model is asked.
#[derive(Clone, Copy, Debug)]
pub struct Probe {
    /// Canaries that stand nowhere.
    pub controls: u32,
    /// For one answer.
    pub patience: Duration,
}

/// Asks `model` to complete the suite's canaries, and as many of the same form as `probe` says that stand nowhere.
pub fn probe(
    suite: &Suite,
    model: &dyn Model,
    probe: Probe,
    dice: &mut dyn Dice,
    now: Timestamp,
) -> Result<ContaminationRecord, Refusal> {
    if probe.controls == 0 || probe.controls > CONTROLS_MAX {
        return Err(Refusal::of(
            "control",
            format!(
                "is from 1 to {CONTROLS_MAX}: without one nothing tells whether the question gives the answer away"
            ),
        ));
    }
    let (planted, unfit) = planted(suite);
    let Some(chance) = planted.iter().map(|one| one.cut.bits).min() else {
        return Err(Refusal::whole(format!(
            "no canary of the suite has {BITS_MIN} bits of random hexadecimal digits in its second half; a GUID has 64"
        )));
    };
    let mut items = Vec::new();
    for one in planted.iter().cycle().take(probe.controls as usize) {
        items.push(Item {
            tier: Tier::Control,
            recipient: None,
            cut: one.cut.control(dice),
        });
    }
    items.extend(planted);
    let mut counts: BTreeMap<(Tier, Option<Box<str>>), Asked> = BTreeMap::new();
    let mut in_a_row = 0;
    for Item {
        tier,
        recipient,
        cut,
    } in items
    {
        let count = counts
            .entry((tier, recipient.clone()))
            .or_insert_with(|| Asked {
                tier,
                recipient,
                asked: 0,
                completed: 0,
                unanswered: 0,
            });
        count.asked += 1;
        match model.respond(&question(&cut.head), Instant::now() + probe.patience) {
            Ok(response) => {
                in_a_row = 0;
                count.completed += u32::from(cut.is_completed_by(&response.message.text));
            }
            Err(failure) => {
                in_a_row += 1;
                count.unanswered += 1;
                // Silence is no sign that nothing was met.
                if in_a_row >= UNANSWERED_MAX {
                    return Err(Refusal::whole(format!(
                        "{in_a_row} questions in a row were not answered: {}",
                        failure.message
                    )));
                }
            }
        }
    }
    let canaries: Vec<Asked> = counts.into_values().collect();
    let own = canaries.iter().filter(|one| one.tier != Tier::Control);
    if own.map(|one| one.asked - one.unanswered).sum::<u32>() == 0 {
        return Err(Refusal::whole(
            "none of the suite's own canaries was answered, so nothing is known",
        ));
    }
    // Anywhere in the answer counts, so each place in it is a guess.
    let places = ANSWER_CHARS_MAX.ilog2();
    let chance = Chance {
        bits: chance.saturating_sub(places),
    };
    let (reading, by_chance_bits, control_upper) = reading(&canaries, chance);
    Ok(ContaminationRecord {
        form: FORM.into(),
        suite: suite.id.clone(),
        version: suite.version.clone(),
        model: model.name().into(),
        at: now,
        canaries,
        unfit,
        by_chance_bits,
        control_upper,
        reading,
        gaps: Vec::new(),
    })
}

/// The suite's canaries that can be asked about, and how many cannot.
fn planted(suite: &Suite) -> (Vec<Item>, u32) {
    let of_suite = suite.canary.iter().map(|word| Item {
        tier: Tier::Public,
        recipient: None,
        cut: Cut::of(word),
    });
    let of_tasks = suite.tasks.iter().filter_map(|task| {
        let cut = Cut::of(task.canary.as_deref()?);
        Some(Item {
            tier: match task.recipient {
                None => Tier::Task,
                Some(_) => Tier::Recipient,
            },
            recipient: task.recipient.clone(),
            cut,
        })
    });
    let (fit, unfit): (Vec<Item>, Vec<Item>) = of_suite
        .chain(of_tasks)
        .partition(|one| one.cut.bits >= BITS_MIN);
    (fit, u32::try_from(unfit.len()).unwrap_or(u32::MAX))
}

fn question(head: &str) -> Request {
    let text = format!(
        "A text that you may have read contains an identifier that begins with `{head}`. \
         Complete it from memory: answer with the characters that follow, and nothing else. \
         If you do not remember it, answer `unknown`."
    );
    Request {
        messages: vec![Message::User(text.into())],
        sampling: Sampling {
            temperature: Some("0".into()),
            ..Sampling::default()
        },
        ..Request::default()
    }
}

#[cfg(test)]
mod tests {
    use frontier::contamination::Reading;
    use keys::SeededDice;
    use model::{Assistant, Failure, Response};

    use super::*;

    fn practice() -> Suite {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/practice");
        let mut suite = Suite::read_folder(folder.as_ref()).unwrap();
        suite.tasks.truncate(6);
        for (task, number) in suite.tasks.iter_mut().zip(0x7c1f_9a52_0b11_u64..) {
            task.canary = Some(
                format!(
                    "{number:016x}-{:016x}",
                    number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
                )
                .into(),
            );
        }
        suite
    }

    /// Remembers a text, and completes what it is shown the beginning of.
    struct Reader {
        text: String,
        echoes: bool,
    }

    impl Model for Reader {
        fn name(&self) -> &str {
            "reader"
        }

        fn respond(&self, request: &Request, _: Instant) -> Result<Response, Failure> {
            let Some(Message::User(asked)) = request.messages.first() else {
                panic!("a question");
            };
            let head = asked.split('`').nth(1).unwrap();
            let told = self.text.split_once(head).map(|(_, after)| after);
            let words = match told {
                Some(after) => after.chars().take(60).collect(),
                None if self.echoes => format!("{asked} {}", self.text),
                None => "unknown".to_owned(),
            };
            Ok(Response {
                message: Assistant::said(words),
                ..Response::default()
            })
        }
    }

    fn asked(text: &str, suite: &Suite) -> ContaminationRecord {
        let reader = Reader {
            text: text.to_owned(),
            echoes: false,
        };
        let how = Probe {
            controls: 40,
            patience: Duration::from_secs(1),
        };
        probe(
            suite,
            &reader,
            how,
            &mut SeededDice::new(1),
            Timestamp::UNIX_EPOCH,
        )
        .unwrap()
    }

    #[test]
    fn who_read_a_task_completes_its_word_and_who_did_not_completes_none() {
        let suite = practice();
        let clean = asked("nothing of it", &suite);
        assert_eq!(
            (clean.reading, clean.by_chance_bits),
            (Reading::NotMet, None)
        );
        let leaked = format!("walkthrough: {}", suite.tasks[2].canary.as_deref().unwrap());
        let record = asked(&leaked, &suite);
        assert_eq!(record.reading, Reading::Met);
        let told: Vec<String> = record
            .canaries
            .iter()
            .map(|one| format!("{} {} of {}", one.tier, one.completed, one.asked))
            .collect();
        assert_eq!(told, ["public 0 of 1", "task 1 of 6", "control 0 of 40"]);
        // 7 tries at some 2^52 each, for 4,096 places in an answer: 64 bits less 12.
        assert!(record.by_chance_bits >= Some(40), "{record:?}");
        // The words themselves are not in the record.
        let text = serde_json::to_string(&record).unwrap();
        for task in &suite.tasks {
            let word = task.canary.as_deref().unwrap();
            assert!(!text.contains(&word[..16]) && !text.contains(&word[17..]));
        }
        let again: ContaminationRecord = serde_json::from_str(&text).unwrap();
        assert_eq!(again, record);
    }

    /// Nobody is there.
    struct Away;

    impl Model for Away {
        fn name(&self) -> &str {
            "away"
        }

        fn respond(&self, _: &Request, _: Instant) -> Result<Response, Failure> {
            Err(Failure::new(model::Cause::Line, "connection refused"))
        }
    }

    #[test]
    fn an_endpoint_that_is_away_is_no_sign_that_nothing_was_met() {
        let how = Probe {
            controls: 40,
            patience: Duration::from_secs(1),
        };
        let dice = &mut SeededDice::new(1);
        let none = probe(&practice(), &Away, how, dice, Timestamp::UNIX_EPOCH);
        assert_eq!(
            none.unwrap_err().to_string(),
            "5 questions in a row were not answered: connection refused"
        );
    }

    #[test]
    fn words_that_can_be_guessed_are_not_asked_about() {
        let mut suite = practice();
        suite.canary = None;
        for task in &mut suite.tasks {
            task.canary = Some("a-word-that-nobody-drew-at-random".into());
        }
        suite.tasks[0].canary = Some("a-word-drawn-7c1f9a520b11aa02".into());
        let record = asked("", &suite);
        assert_eq!((record.canaries[0].asked, record.unfit), (1, 5));
        suite.tasks[0].canary = None;
        let reader = Reader {
            text: String::new(),
            echoes: true,
        };
        let how = Probe {
            controls: 0,
            patience: Duration::from_secs(1),
        };
        let dice = &mut SeededDice::new(1);
        let now = Timestamp::UNIX_EPOCH;
        let none = probe(&suite, &reader, Probe { controls: 1, ..how }, dice, now);
        assert!(
            none.unwrap_err()
                .to_string()
                .contains("no canary of the suite")
        );
        let without = probe(&suite, &reader, how, dice, now);
        assert!(without.unwrap_err().to_string().contains("from 1 to 10000"));
    }

    #[test]
    fn a_copy_names_its_recipient_also_where_half_of_a_word_or_its_dashes_are_gone() {
        let suite = practice();
        let mut marks = Watermarks::new(&mut SeededDice::new(1));
        for name in ["Agency", "Partner", "Agency"] {
            marks.add(name).unwrap();
        }
        assert_eq!(marks.recipients().len(), 2);
        let marks = Watermarks::read(&marks.to_text()).unwrap();
        let ids: Vec<TaskId> = suite.tasks.iter().map(|task| task.id).collect();
        let copy = marks.marked(&suite.tasks[3], "Partner");
        assert_eq!(
            copy.digests(),
            suite.tasks[3].digests(),
            "it is the same task"
        );
        let word = copy.canary.unwrap();
        let leaks = [
            (format!("a dump: {word}"), true),
            (word.to_uppercase().replace('-', ""), true),
            (word[word.len() - 17..].to_owned(), false),
            // Both halves, and not as one word.
            (format!("{} zzz {}", &word[19..], &word[..18]), false),
        ];
        for (text, whole) in leaks {
            let traced = Traced {
                recipient: "Partner".into(),
                task: suite.tasks[3].id.to_string().into(),
                whole,
            };
            assert_eq!(marks.trace(&ids, &text), [traced], "{text}");
        }
        assert_eq!(marks.trace(&ids, "a text of somebody else"), []);
        assert!(marks.add_is_refused(""));
    }

    #[test]
    fn what_is_written_of_all_recipients_is_not_too_long_to_be_read_again() {
        let mut marks = Watermarks::new(&mut SeededDice::new(1));
        for number in 0..RECIPIENTS_MAX {
            let name = format!("{number:04}{}", "𝒜".repeat(NAME_CHARS_MAX - 4));
            marks.add(&name).unwrap();
        }
        assert!(marks.add("one more").is_err());
        assert!(marks.to_text().len() as u64 <= MARKS_BYTES_MAX);
    }

    impl Watermarks {
        fn add_is_refused(&self, name: &str) -> bool {
            let mut copy = Watermarks::read(&self.to_text()).unwrap();
            copy.add(name).is_err()
        }
    }
}
