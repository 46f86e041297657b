//! Stream: reports as lines, a thousand to a transaction, each answered by a line of its own.
//!
//! A sender that reads nothing before it has sent all would wait for us as we for it, so what is answered is held until
//! the end: as numbers, some 100 bytes a receipt and 10 MB for the longest stream, written out as lines only while the
//! sender reads them.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use clearinghouse::submit::{self, CHUNK_MAX, Prepared, Receipt};
use clearinghouse::{Actor, Failure, House};
use finding::submit::bounds::REPORTS_MAX;
use finding::submit::{Beside, Lines, Taken};
use futures_util::StreamExt;
use jiff::Timestamp;
use names::Refusal;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::ReceiptView;
use crate::page::Ask;
use crate::{Answer, Problem};

/// Bytes that are read and sealed at once: some 250 reports, which take 20 ms.
const READ_AT_ONCE: usize = 256 << 10;

/// Lines that are written at once, some 300 bytes each.
const LINES_AT_ONCE: usize = 128;

/// Bytes of refusals that are held, of 100,000 lines 40 each; beyond them a refusal says only that it is one.
const REFUSALS_BYTES_MAX: usize = 4 << 20;

/// What is said to one line.
enum Said {
    Taken(Box<Receipt>),
    Fits,
    Refused(Box<str>),
}

/// What is said to all of them, in their order.
#[derive(Default)]
struct AllSaid {
    lines: Vec<(u64, Said)>,
    refusals_bytes: usize,
}

impl AllSaid {
    fn refuse(&mut self, number: u64, refusal: &Refusal) {
        let mut text = refused(number, refusal).to_string();
        self.refusals_bytes += text.len();
        if self.refusals_bytes > REFUSALS_BYTES_MAX {
            let short = "this is refused, like much before it; send this line alone to be told why";
            text = refused(number, &Refusal::whole(short)).to_string();
        }
        self.lines.push((number, Said::Refused(text.into())));
    }

    /// The lines as the sender reads them.
    fn body(mut self, ask: Ask) -> Body {
        self.lines.sort_by_key(|(number, _)| *number);
        let mut lines = self.lines.into_iter();
        let pieces = std::iter::from_fn(move || {
            let mut piece = Vec::new();
            for (number, said) in lines.by_ref().take(LINES_AT_ONCE) {
                let line = match said {
                    Said::Refused(text) => text.into_string(),
                    Said::Fits => json!({"line": number, "receipt": null}).to_string(),
                    Said::Taken(receipt) => {
                        json!({"line": number, "receipt": ReceiptView::of(&ask, &receipt)})
                            .to_string()
                    }
                };
                piece.extend(line.bytes());
                piece.push(b'\n');
            }
            (!piece.is_empty()).then(|| Ok::<Bytes, std::convert::Infallible>(piece.into()))
        });
        Body::from_stream(futures_util::stream::iter(pieces))
    }
}

/// Reports that a transaction takes, with the numbers of their lines.
type Taking = JoinHandle<(Vec<u64>, Result<Vec<Result<Receipt, Failure>>, Failure>)>;

/// Lines that are read and sealed on a thread beside.
type Reading = JoinHandle<(Lines, Vec<(u64, Result<Prepared, Failure>)>)>;

/// Takes lines as they come. While a transaction takes a thousand, the next are read and sealed, and those after them
/// come in: three things at once, and none runs ahead of the others.
pub async fn stream(ask: &Ask, actor: &Actor, body: Body, beside: &Beside, checks: bool) -> Answer {
    let desk = Arc::new(Desk {
        house: Arc::clone(&ask.app.house),
        actor: actor.clone(),
        beside: beside.clone(),
        now: ask.now,
    });
    let mut line = Line {
        desk,
        checks,
        said: AllSaid::default(),
        count: 0,
        waiting: Vec::new(),
        taking: None,
    };
    let (mut arrived, mut bytes) = (Vec::new(), 0);
    let mut lines = Some(Lines::new());
    let mut reading: Option<Reading> = None;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| {
            Problem::unfit(
                StatusCode::BAD_REQUEST,
                "the body stopped before its end; what was answered is taken, send all again",
            )
        })?;
        bytes += piece.len();
        arrived.push(piece);
        if bytes < READ_AT_ONCE {
            continue;
        }
        let (before, read) = finished(&mut lines, reading.take()).await?;
        reading = Some(line.read(before, std::mem::take(&mut arrived), false));
        bytes = 0;
        line.take(read).await?;
    }
    let (before, read) = finished(&mut lines, reading.take()).await?;
    reading = Some(line.read(before, arrived, true));
    line.take(read).await?;
    let (_, read) = finished(&mut lines, reading).await?;
    line.take(read).await?;
    line.take_rest().await?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, line.said.body(ask.clone())).into_response())
}

/// What a reader needs, however long the request lasts.
struct Desk {
    house: Arc<House>,
    actor: Actor,
    beside: Beside,
    now: Timestamp,
}

impl Desk {
    /// One line, read, checked and sealed.
    fn prepare(&self, mut taken: Taken) -> (u64, Result<Prepared, Failure>) {
        taken.settle(&self.beside);
        let number = taken.place.trim_start_matches("line ").parse().unwrap_or(0);
        let draft = taken.draft.map_err(Failure::from);
        let prepared = draft
            .and_then(|draft| submit::prepare(&self.house, &self.actor, draft, None, self.now));
        (number, prepared)
    }
}

/// The lines of one stream on their way.
struct Line {
    desk: Arc<Desk>,
    /// Nothing is taken; it is only said what would be.
    checks: bool,
    said: AllSaid,
    count: usize,
    /// Sealed, and no thousand yet.
    waiting: Vec<(u64, Prepared)>,
    taking: Option<Taking>,
}

impl Line {
    /// Begins to read what arrived.
    fn read(&self, mut lines: Lines, arrived: Vec<Bytes>, is_last: bool) -> Reading {
        let desk = Arc::clone(&self.desk);
        tokio::task::spawn_blocking(move || {
            let mut read = Vec::new();
            for piece in &arrived {
                let taken = lines.push(piece);
                read.extend(taken.into_iter().map(|taken| desk.prepare(taken)));
            }
            if is_last {
                let last = std::mem::replace(&mut lines, Lines::new()).finish();
                read.extend(last.map(|taken| desk.prepare(taken)));
            }
            (lines, read)
        })
    }

    /// Takes what was read, a thousand at once; says what is refused.
    async fn take(&mut self, read: Vec<(u64, Result<Prepared, Failure>)>) -> Result<(), Problem> {
        self.count += read.len();
        for (number, prepared) in read {
            match prepared {
                Ok(_) if self.checks => self.said.lines.push((number, Said::Fits)),
                Ok(one) => self.waiting.push((number, one)),
                Err(Failure::Refused(refusal)) => self.said.refuse(number, &refusal),
                Err(other) => return Err(other.into()),
            }
            if self.waiting.len() >= CHUNK_MAX {
                self.begin().await?;
            }
        }
        if self.count > REPORTS_MAX {
            let message = format!(
                "a stream has at most {REPORTS_MAX} reports; those before the last chunk are taken, send the rest anew"
            );
            return Err(Problem::refused(Refusal::whole(message)));
        }
        Ok(())
    }

    /// What is left, and waits until all is taken.
    async fn take_rest(&mut self) -> Result<(), Problem> {
        self.begin().await?;
        settle(self.taking.take(), &mut self.said).await
    }

    /// Begins to take what waits, when what was taken before has its answers.
    async fn begin(&mut self) -> Result<(), Problem> {
        let (numbers, mut prepared): (Vec<u64>, Vec<Prepared>) =
            std::mem::take(&mut self.waiting).into_iter().unzip();
        if !prepared.is_empty() {
            submit::foresee(&self.desk.house, &mut prepared).await?;
        }
        settle(self.taking.take(), &mut self.said).await?;
        self.taking = Some(begin(&self.desk.house, numbers, prepared));
        Ok(())
    }
}

/// What was read before, and the reader for what comes now.
async fn finished(
    lines: &mut Option<Lines>,
    reading: Option<Reading>,
) -> Result<(Lines, Vec<(u64, Result<Prepared, Failure>)>), Problem> {
    match reading {
        Some(reading) => reading.await.map_err(Problem::broken),
        None => Ok((lines.take().unwrap_or_default(), Vec::new())),
    }
}

/// Takes them. It goes on where the sender goes away: what was begun is done, and the same keys give the same receipts.
fn begin(house: &Arc<House>, numbers: Vec<u64>, prepared: Vec<Prepared>) -> Taking {
    let house = Arc::clone(house);
    tokio::spawn(async move {
        let taken = match prepared.is_empty() {
            true => Ok(Vec::new()),
            false => submit::take(&house, prepared).await,
        };
        (numbers, taken)
    })
}

async fn settle(taking: Option<Taking>, said: &mut AllSaid) -> Result<(), Problem> {
    let Some(taking) = taking else {
        return Ok(());
    };
    let (numbers, taken) = taking.await.map_err(Problem::broken)?;
    for (number, taken) in numbers.into_iter().zip(taken?) {
        match taken {
            Ok(receipt) => said.lines.push((number, Said::Taken(Box::new(receipt)))),
            Err(Failure::Refused(refusal)) => said.refuse(number, &refusal),
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}

fn refused(number: u64, refusal: &Refusal) -> Value {
    let problems: Vec<Value> = refusal
        .iter()
        .map(|problem| json!({"field": problem.field, "message": problem.message}))
        .collect();
    json!({"line": number, "problems": problems})
}
