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
use clearinghouse::{Actor, Failure};
use finding::submit::bounds::REPORTS_MAX;
use finding::submit::{Beside, Lines, Taken};
use futures_util::StreamExt;
use names::Refusal;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::ReceiptView;
use crate::page::Ask;
use crate::{Answer, Problem};

/// Reports that are sealed before others have their turn on this thread: 64 take some 5 ms.
const TURN: usize = 64;

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

/// Takes lines as they come. While a transaction takes a thousand, the next thousand are read and sealed.
pub async fn stream(ask: &Ask, actor: &Actor, body: Body, beside: &Beside, checks: bool) -> Answer {
    let mut lines = Lines::new();
    let mut waiting = Vec::new();
    let mut said = AllSaid::default();
    let mut taking: Option<Taking> = None;
    let mut count = 0;
    let mut pieces = body.into_data_stream();
    loop {
        let piece = match pieces.next().await {
            Some(Ok(piece)) => piece,
            Some(Err(_)) => {
                return Err(Problem::unfit(
                    StatusCode::BAD_REQUEST,
                    "the body stopped before its end; what was answered is taken, send all again",
                ));
            }
            None => break,
        };
        for taken in lines.push(&piece) {
            count += 1;
            waiting.push(taken);
            if waiting.len() >= CHUNK_MAX {
                let chunk = std::mem::take(&mut waiting);
                let (numbers, prepared) =
                    ready(ask, actor, chunk, beside, checks, &mut said).await?;
                settle(taking.take(), &mut said).await?;
                taking = Some(begin(ask, numbers, prepared));
            }
        }
        if count > REPORTS_MAX {
            let message = format!(
                "a stream has at most {REPORTS_MAX} reports; those before the last chunk are taken, send the rest anew"
            );
            return Err(Problem::refused(Refusal::whole(message)));
        }
    }
    waiting.extend(lines.finish());
    let (numbers, prepared) = ready(ask, actor, waiting, beside, checks, &mut said).await?;
    settle(taking, &mut said).await?;
    settle(Some(begin(ask, numbers, prepared)), &mut said).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, said.body(ask.clone())).into_response())
}

/// Reads and seals one chunk; what is refused is said.
async fn ready(
    ask: &Ask,
    actor: &Actor,
    chunk: Vec<Taken>,
    beside: &Beside,
    checks: bool,
    said: &mut AllSaid,
) -> Result<(Vec<u64>, Vec<Prepared>), Problem> {
    let house = &ask.app.house;
    let (mut numbers, mut prepared) = (Vec::new(), Vec::new());
    for (at, mut taken) in chunk.into_iter().enumerate() {
        if at % TURN == TURN - 1 {
            tokio::task::yield_now().await;
        }
        taken.settle(beside);
        let number = taken.place.trim_start_matches("line ").parse().unwrap_or(0);
        let draft = taken.draft.map_err(Failure::from);
        match draft.and_then(|draft| submit::prepare(house, actor, draft, None, ask.now)) {
            Ok(_) if checks => said.lines.push((number, Said::Fits)),
            Ok(one) => {
                prepared.push(one);
                numbers.push(number);
            }
            Err(Failure::Refused(refusal)) => said.refuse(number, &refusal),
            Err(other) => return Err(other.into()),
        }
    }
    Ok((numbers, prepared))
}

/// Takes them. It goes on where the sender goes away: what was begun is done, and the same keys give the same receipts.
fn begin(ask: &Ask, numbers: Vec<u64>, prepared: Vec<Prepared>) -> Taking {
    let house = Arc::clone(&ask.app.house);
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
