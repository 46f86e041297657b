//! What is answered: bytes that stand in the index, put together.
//!
//! Ids are in their order, the house's own record before a mirrored one of its id, so that a page can be asked for by the
//! id that the last one ended with, whatever was published in between. One request costs a bounded number of rows and
//! bytes: what is over that is left to the next page.

use std::cmp::Ordering;

use scan::original::Written;
use scan::query::query;
use scan::{Damage, Index};

use super::Shelf;
use super::question::{Question, token, token_of};

/// Records of one answer; osv.dev gives a page of up to 3,000 of them.
const RECORDS_MAX: usize = 1_000;

/// Bytes of one answer, after which its page ends: as osv.dev has it.
const BYTES_MAX: usize = 10_000_000;

/// Rows that one request looks at, after which its pages end. The largest package, Debian's and Ubuntu's `linux`, has
/// some 60,000; a row takes about 100 ns, so this is a fifth of a second, and no batch of ordinary packages comes near.
const ROWS_MAX: usize = 2_000_000;

/// How much of each record is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// All of it.
    Full,
    /// Its id, and when it was modified last.
    Brief,
}

/// An answer in the making.
pub struct Answer<'a> {
    shelf: &'a Shelf,
    form: Form,
    pub bytes: Vec<u8>,
    rows: usize,
    /// Used again for each query: what the house's own index gave, and the mirror.
    found: [Vec<u32>; 2],
}

/// A record that answers: its id, and its bytes.
struct Hit<'a> {
    id: &'a str,
    written: Written<'a>,
}

impl<'a> Answer<'a> {
    /// Nothing yet.
    pub fn new(shelf: &'a Shelf, form: Form) -> Answer<'a> {
        Answer {
            shelf,
            form,
            bytes: Vec::new(),
            rows: 0,
            found: [Vec::new(), Vec::new()],
        }
    }

    /// Appends the answer to one query: `{}`, or `{"vulns":[…],"next_page_token":"…"}`.
    pub fn list(&mut self, question: &Question) -> Result<(), Damage> {
        let after = question.after.as_deref();
        let is_over = self.rows >= ROWS_MAX || self.bytes.len() >= BYTES_MAX;
        let mut next = is_over.then(|| token_of(after));
        let start = self.bytes.len();
        self.bytes.push(b'{');
        if !is_over {
            self.look(question)?;
            next = self.page(after)?;
        }
        if let Some(next) = next {
            if self.bytes.len() > start + 1 {
                self.bytes.push(b',');
            }
            let told = format!("\"next_page_token\":\"{next}\"");
            self.bytes.extend_from_slice(told.as_bytes());
        }
        self.bytes.push(b'}');
        Ok(())
    }

    fn look(&mut self, question: &Question) -> Result<(), Damage> {
        self.found.iter_mut().for_each(Vec::clear);
        let Some(asked) = question.asked.query() else {
            return Ok(());
        };
        for (index, found) in self.shelf.indexes().zip(&mut self.found) {
            self.rows += query(index, asked, found)?;
        }
        Ok(())
    }

    /// Appends the records after `after`, and says what comes next where they are not all.
    fn page(&mut self, after: Option<&str>) -> Result<Option<String>, Damage> {
        let mut hits = Hits::new(self.shelf, &self.found, after)?;
        let (mut count, mut last, mut next) = (0, "", None);
        while let Some(hit) = hits.next()? {
            if count == RECORDS_MAX || (count > 0 && self.bytes.len() >= BYTES_MAX) {
                next = Some(token(last));
                break;
            }
            let opening: &[u8] = if count == 0 { b"\"vulns\":[" } else { b"," };
            self.bytes.extend_from_slice(opening);
            self.bytes.extend_from_slice(match self.form {
                Form::Full => hit.written.json,
                Form::Brief => hit.written.brief,
            });
            (count, last) = (count + 1, hit.id);
        }
        if count > 0 {
            self.bytes.push(b']');
        }
        Ok(next)
    }
}

/// The records found, in the order of their ids.
struct Hits<'a> {
    own: Run<'a>,
    mirrored: Option<Run<'a>>,
}

/// What is left of what one index gave.
struct Run<'a> {
    index: &'a Index,
    left: &'a [u32],
}

impl<'a> Run<'a> {
    fn id(&self) -> Result<Option<&'a str>, Damage> {
        self.left
            .first()
            .map(|&number| self.index.id_of(number))
            .transpose()
    }

    fn skip(&mut self) {
        self.left = self.left.get(1..).unwrap_or_default();
    }

    fn skip_to(&mut self, after: &str) -> Result<(), Damage> {
        while self.id()?.is_some_and(|id| id <= after) {
            self.skip();
        }
        Ok(())
    }

    fn take(&mut self) -> Result<Option<Hit<'a>>, Damage> {
        let Some((&number, rest)) = self.left.split_first() else {
            return Ok(None);
        };
        self.left = rest;
        let id = self.index.id_of(number)?;
        let written = self.index.original(number)?;
        Ok(written.map(|written| Hit { id, written }))
    }
}

impl<'a> Hits<'a> {
    fn new(
        shelf: &'a Shelf,
        found: &'a [Vec<u32>; 2],
        after: Option<&str>,
    ) -> Result<Hits<'a>, Damage> {
        let [own, mirrored] = found;
        let mut own = Run {
            index: &shelf.own.index,
            left: own,
        };
        let mut mirrored = shelf.mirror.as_ref().map(|mirror| Run {
            index: &mirror.index,
            left: mirrored,
        });
        if let Some(after) = after {
            own.skip_to(after)?;
            mirrored.as_mut().map_or(Ok(()), |run| run.skip_to(after))?;
        }
        Ok(Hits { own, mirrored })
    }

    fn next(&mut self) -> Result<Option<Hit<'a>>, Damage> {
        let Some(mirrored) = &mut self.mirrored else {
            return self.own.take();
        };
        loop {
            let order = match (self.own.id()?, mirrored.id()?) {
                (None, None) => return Ok(None),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(own), Some(other)) => own.cmp(other),
            };
            if order != Ordering::Greater {
                return self.own.take();
            }
            // Of what we published ourselves a copy says nothing, whatever it says.
            match mirrored.id()? {
                Some(id) if is_own(self.own.index, id)? => mirrored.skip(),
                _ => return mirrored.take(),
            }
        }
    }
}

fn is_own(own: &Index, id: &str) -> Result<bool, Damage> {
    Ok(own.advisories() > 0 && own.original_called(id)?.is_some())
}

/// The record called `id`.
///
/// # Errors
///
/// The ids of the same flaw that there are, where there is none of this id.
pub fn record<'a>(shelf: &'a Shelf, id: &str) -> Result<Result<&'a [u8], Vec<String>>, Damage> {
    let mut others = Vec::new();
    for index in shelf.indexes() {
        if let Some(number) = index.original_called(id)?
            && let Some(written) = index.original(number)?
        {
            return Ok(Ok(written.json));
        }
        for flaw in index.flaws_called(id)? {
            for advisory in index.flaw(flaw)?.advisories {
                if index.original(advisory)?.is_some() {
                    others.push(index.id_of(advisory)?.to_owned());
                }
            }
        }
    }
    others.sort();
    others.dedup();
    Ok(Err(others))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use expect_test::{Expect, expect};

    use super::super::question::question;
    use super::super::{Mirror, Own};
    use super::*;

    fn of_npm(id: &str, rest: &str) -> String {
        format!(
            r#"{{"id":"{id}","modified":"2026-01-01T00:00:00Z",{rest}"affected":[{{"package":{{"ecosystem":"npm","name":"a"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}},{{"fixed":"2.0.0"}}]}}]}}]}}"#
        )
    }

    fn index(records: &[String]) -> Index {
        let mut builder = scan::Builder::new(jiff::Timestamp::UNIX_EPOCH);
        for text in records {
            advisory::read(
                advisory::Format::Osv,
                text.as_bytes(),
                &mut |record| builder.add_original("test", record, Some(text.as_bytes())),
                &mut |problem| panic!("{problem:?}"),
            );
        }
        Index::from_bytes(builder.finish_bytes().unwrap().0).unwrap()
    }

    fn shelf(own: &[String], mirrored: &[String]) -> Shelf {
        Shelf {
            own: Arc::new(Own::of(index(own))),
            mirror: Some(Arc::new(Mirror::of(index(mirrored)))),
        }
    }

    fn answer(shelf: &Shelf, query: &str, form: Form) -> String {
        let written = serde_json::from_str(query).unwrap();
        let mut answer = Answer::new(shelf, form);
        answer.list(&question(written, shelf).unwrap()).unwrap();
        String::from_utf8(answer.bytes).unwrap()
    }

    fn check(own: &[String], mirrored: &[String], query: &str, wanted: Expect) {
        wanted.assert_eq(&answer(&shelf(own, mirrored), query, Form::Brief));
    }

    const A: &str = r#"{"package":{"name":"a","ecosystem":"npm"},"version":"1.0.0"}"#;

    #[test]
    fn both_shelves_answer_in_the_order_of_ids_and_what_is_ours_is_told_once() {
        check(
            &[of_npm("B-2", ""), of_npm("B-4", "")],
            &[of_npm("B-1", ""), of_npm("B-2", ""), of_npm("B-3", "")],
            A,
            expect![[
                r#"{"vulns":[{"id":"B-1","modified":"2026-01-01T00:00:00Z"},{"id":"B-2","modified":"2026-01-01T00:00:00Z"},{"id":"B-3","modified":"2026-01-01T00:00:00Z"},{"id":"B-4","modified":"2026-01-01T00:00:00Z"}]}"#
            ]],
        );
    }

    #[test]
    fn what_we_withdrew_is_not_told_though_a_mirror_still_has_it() {
        let withdrawn = of_npm("B-2", r#""withdrawn":"2026-02-01T00:00:00Z","#);
        check(&[withdrawn], &[of_npm("B-2", "")], A, expect!["{}"]);
    }

    #[test]
    fn nothing_known_is_an_empty_object() {
        check(
            &[of_npm("B-1", "")],
            &[],
            &A.replace("1.0", "2.0"),
            expect!["{}"],
        );
    }

    #[test]
    fn whole_records_are_told_as_they_were_written() {
        let record = of_npm("B-1", r#""database_specific":{"odd":[1.50,null]},"#);
        let told = answer(&shelf(std::slice::from_ref(&record), &[]), A, Form::Full);
        assert_eq!(told, format!(r#"{{"vulns":[{record}]}}"#));
    }

    #[test]
    fn pages_put_together_are_the_whole_and_none_is_told_twice() {
        let many: Vec<String> = (0..2 * RECORDS_MAX + 7)
            .map(|n| of_npm(&format!("B-{n:06}"), ""))
            .collect();
        let (own, mirrored) = many.split_at(RECORDS_MAX / 2);
        let shelf = shelf(own, mirrored);
        let (mut token, mut ids, mut pages) = (String::new(), Vec::new(), 0);
        loop {
            let query = A.replacen('{', &format!(r#"{{"page_token":"{token}","#), 1);
            let told = answer(&shelf, &query, Form::Brief);
            let told: serde_json::Value = serde_json::from_str(&told).unwrap();
            let vulns = told["vulns"].as_array().unwrap().iter();
            ids.extend(vulns.map(|vuln| vuln["id"].as_str().unwrap().to_owned()));
            pages += 1;
            match told["next_page_token"].as_str() {
                Some(next) => token = next.to_owned(),
                None => break,
            }
        }
        assert_eq!((pages, ids.len()), (3, many.len()));
        assert!(ids.is_sorted());
    }

    #[test]
    fn what_a_request_has_no_room_for_is_left_to_the_next() {
        let shelf = shelf(&[of_npm("B-1", "")], &[]);
        let mut answer = Answer::new(&shelf, Form::Brief);
        answer.rows = ROWS_MAX;
        let written = serde_json::from_str(A).unwrap();
        answer.list(&question(written, &shelf).unwrap()).unwrap();
        expect![[r#"{"next_page_token":"RklSU1RfUEFHRV9UT0tFTg=="}"#]]
            .assert_eq(&String::from_utf8(answer.bytes).unwrap());
    }
}
