//! `/cases/C-000123/advisory`: what is going to be published, written by the coordinator and read by those who keep the
//! case; published, and taken back, on pages of their own.

use askama::Template;
use axum::routing::get;
use clearinghouse::Failure;
use clearinghouse::publish::{self, Drafted};
use finding::publish::{Draft, ENTRIES_MAX, PRODUCTS_MAX, SUMMARY_BYTES_MAX};
use finding::verdict::{Justification, Status, Word};
use jiff::Timestamp;
use names::{AdvisoryId, CaseId, Refusal, Tlp};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::form::{Choice, Fields, Filled, Form, Input};
use crate::page::{Ask, Path};
use crate::part::{Confirm, When};
use crate::routes::Routes;
use crate::{Answer, Head, Problem};

/// Empty rows below the products that are written: what one has to add by hand comes in twos and threes.
const ROWS_EMPTY: usize = 2;

/// A line's characters; the rule says what fits where.
const LINE_CHARS_MAX: usize = 4_000;

/// What is told to few opens nothing.
const KEPT_SEALED: &str =
    "What was sealed of the case in the log stays sealed until it is published for everyone.";

/// A draft, as those who keep the case read it.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "advisory/draft.html")]
struct DraftView {
    /// `C-000123`.
    case: String,
    /// When it was last saved; absent where it is only proposed from the record of the case.
    #[schema(value_type = Option<String>)]
    saved: Option<Timestamp>,
    /// `A-000123`, once published.
    advisory: Option<String>,
    /// Whether you write it.
    may_write: bool,
    /// What stands against publishing it now.
    against: Vec<AgainstView>,
    #[schema(value_type = Object)]
    draft: Draft,
    #[serde(skip)]
    #[schema(ignore)]
    is_withdrawn: bool,
    #[serde(skip)]
    #[schema(ignore)]
    form: Filled,
}

/// Something that stands against publishing.
#[derive(Serialize, ToSchema)]
struct AgainstView {
    field: Box<str>,
    message: Box<str>,
}

impl DraftView {
    fn of(case: CaseId, drafted: Drafted) -> DraftView {
        let against = drafted.against.iter().map(|one| AgainstView {
            field: one.field.clone(),
            message: one.message.clone(),
        });
        DraftView {
            case: case.to_string(),
            saved: drafted.saved,
            advisory: drafted.advisory.as_ref().map(|one| one.id.to_string()),
            is_withdrawn: drafted
                .advisory
                .as_ref()
                .is_some_and(|one| one.withdrawn.is_some()),
            may_write: drafted.may_write,
            against: against.collect(),
            form: filled(&drafted.draft),
            draft: drafted.draft,
        }
    }

    fn saved(&self) -> Option<When> {
        self.saved.map(When::new)
    }

    /// A row for each product, and some more.
    fn rows(&self) -> Vec<usize> {
        let sent = self.draft.products.len();
        let more = (sent..PRODUCTS_MAX).take_while(|row| !self.is_empty(row));
        (0..sent + more.count() + ROWS_EMPTY).collect()
    }

    /// Whether nothing stands in the row of a product.
    fn is_empty(&self, row: &usize) -> bool {
        ["product", "versions", "status", "words"]
            .iter()
            .all(|field| self.form.value(&self.name(row, field)).is_empty())
    }

    fn name(&self, row: &usize, field: &str) -> String {
        format!("products[{row}].{field}")
    }

    fn statuses(&self) -> Vec<Choice> {
        let all = Status::ALL.iter();
        let blank = std::iter::once(Choice::new("", ""));
        blank
            .chain(all.map(|status| Choice::new(status.as_str(), status.shown())))
            .collect()
    }

    fn lights(&self) -> Vec<Choice> {
        [
            (Tlp::Clear, "TLP:CLEAR: everyone"),
            (Tlp::Green, "TLP:GREEN: every member"),
            (Tlp::Amber, "TLP:AMBER: who has a part in the case"),
            (
                Tlp::AmberStrict,
                "TLP:AMBER+STRICT: the same, and no further",
            ),
            (Tlp::Red, "TLP:RED: the same, in person"),
        ]
        .map(|(light, shown)| Choice::new(light.as_str(), shown))
        .into()
    }

    fn justifications(&self) -> Vec<Choice> {
        let all = Justification::ALL.iter();
        let blank = std::iter::once(Choice::new("", ""));
        blank
            .chain(all.map(|one| Choice::new(one.as_str(), one.shown())))
            .collect()
    }
}

fn filled(draft: &Draft) -> Filled {
    let lines = |all: &[Box<str>]| all.join("\n");
    let numbers: Vec<String> = draft
        .weaknesses
        .iter()
        .map(|number| format!("CWE-{number}"))
        .collect();
    let mut form = Filled::empty()
        .with("title", &*draft.title)
        .with("summary", &*draft.summary)
        .with("aliases", lines(&draft.aliases))
        .with("weaknesses", numbers.join("\n"))
        .with("severities", lines(&draft.severities))
        .with("references", lines(&draft.references))
        .with("fix", &*draft.fix)
        .with("workaround", &*draft.workaround)
        .with("untold", &*draft.untold)
        .with("change", &*draft.change)
        .with("tlp", draft.light().as_str())
        .with(
            "exploited",
            draft.exploited.map_or(String::new(), |day| day.to_string()),
        );
    for (row, word) in draft.products.iter().enumerate() {
        let name = |field: &str| format!("products[{row}].{field}");
        form = form
            .with(&name("product"), &*word.product)
            .with(&name("versions"), &*word.versions)
            .with(&name("status"), word.status.as_str())
            .with(
                &name("justification"),
                word.justification.map_or("", |one| one.as_str()),
            )
            .with(&name("words"), &*word.words);
    }
    form
}

/// A draft as it was sent.
struct Written(Draft);

/// A product as it was sent; none where its row is empty.
struct Product(Option<Word>);

impl Input for Product {
    fn read(fields: &mut Fields<'_>) -> Option<Product> {
        let product = fields.optional_line("product", LINE_CHARS_MAX);
        let versions = fields.optional_line("versions", LINE_CHARS_MAX);
        let status = fields.optional("status");
        let justification = fields.optional("justification");
        let words = fields.optional_prose("words", LINE_CHARS_MAX);
        let Some(product) = product else {
            if versions.is_some() || words.is_some() {
                fields.wrong("product", "write which product this is about");
            }
            return Some(Product(None));
        };
        let Some(status) = status else {
            fields.wrong("status", "say how it stands, such as `affected`");
            return None;
        };
        Some(Product(Some(Word {
            product: product.into(),
            versions: versions.unwrap_or_default().into(),
            status,
            justification,
            words: words.unwrap_or_default().into(),
            severity: None,
        })))
    }
}

impl Input for Written {
    fn read(fields: &mut Fields<'_>) -> Option<Written> {
        let boxed = |all: Vec<String>| all.into_iter().map(Into::into).collect();
        let text = |text: Option<String>| text.unwrap_or_default().into();
        let mut weaknesses = Vec::new();
        for one in fields.list("weaknesses", ENTRIES_MAX, 20) {
            let number = one.strip_prefix("CWE-").unwrap_or(&one).parse();
            match number {
                Ok(number) => weaknesses.push(number),
                Err(_) => fields.wrong(
                    "weaknesses",
                    format!("`{one}` is no weakness; write `CWE-787`"),
                ),
            }
        }
        let mut exploited = None;
        if let Some(text) = fields.optional_line("exploited", 20) {
            match text.parse() {
                Ok(day) => exploited = Some(day),
                Err(_) => fields.wrong("exploited", "is no day; write `2026-11-20`"),
            }
        }
        Some(Written(Draft {
            title: text(fields.optional_line("title", LINE_CHARS_MAX)),
            summary: text(fields.optional_prose("summary", SUMMARY_BYTES_MAX)),
            products: fields
                .each::<Product>("products", PRODUCTS_MAX)
                .into_iter()
                .filter_map(|product| product.0)
                .collect(),
            aliases: boxed(fields.list("aliases", ENTRIES_MAX, LINE_CHARS_MAX)),
            weaknesses,
            severities: boxed(fields.list("severities", ENTRIES_MAX, LINE_CHARS_MAX)),
            references: boxed(fields.list("references", ENTRIES_MAX, LINE_CHARS_MAX)),
            fix: text(fields.optional_prose("fix", LINE_CHARS_MAX)),
            workaround: text(fields.optional_prose("workaround", LINE_CHARS_MAX)),
            untold: text(fields.optional_prose("untold", LINE_CHARS_MAX)),
            change: text(fields.optional_line("change", LINE_CHARS_MAX)),
            tlp: fields.optional("tlp"),
            exploited,
        }))
    }
}

fn head(case: CaseId) -> Head {
    Head::private(format!("The advisory of {case}"))
        .under("Cases", "/cases")
        .under(case.to_string(), format!("/cases/{case}"))
}

async fn drafted(ask: &Ask, case: CaseId) -> Result<Drafted, Problem> {
    ask.member()?;
    let actor = ask.visitor.actor();
    Ok(publish::draft(&ask.app.house, &actor, case, ask.now).await?)
}

/// What is going to be published, for those who keep the case.
#[utoipa::path(get, path = "/cases/{case}/advisory", tag = "advisories",
    params(("case" = String, Path, description = "`C-000123`")), responses((status = 200, body = DraftView)))]
async fn draft(ask: Ask, Path(case): Path<CaseId>) -> Answer {
    let view = DraftView::of(case, drafted(&ask, case).await?);
    ask.page(head(case), &view)
}

/// Saves what is written so far: the fields of the draft, `products` as a list of `product`, `versions`, `status`,
/// `justification`, `words`.
#[utoipa::path(post, path = "/cases/{case}/advisory", tag = "advisories",
    params(("case" = String, Path)), request_body = serde_json::Value, responses((status = 204)))]
async fn save(ask: Ask, Path(case): Path<CaseId>, form: Form) -> Answer {
    let before = drafted(&ask, case).await?;
    let outcome = match form.read::<Written>() {
        Ok(Written(draft)) => {
            let actor = ask.visitor.actor();
            publish::save(&ask.app.house, &actor, case, &draft, ask.now).await
        }
        Err(refusal) => Err(Failure::Refused(refusal)),
    };
    match outcome {
        Ok(()) => ask.changed(&format!("/cases/{case}/advisory"), "draft-saved"),
        Err(Failure::Refused(refusal)) => {
            let mut again = DraftView::of(case, before);
            again.form = form.filled(&refusal);
            again.against.clear();
            Err(ask.refused(refusal, head(case), &again))
        }
        Err(other) => Err(other.into()),
    }
}

/// What publishing does, before it is done.
async fn confirm(ask: Ask, Path(case): Path<CaseId>) -> Answer {
    let drafted = drafted(&ask, case).await?;
    let (Some(saved), true) = (
        drafted.saved,
        drafted.may_write && drafted.against.is_empty(),
    ) else {
        return Ok(ask.go(&format!("/cases/{case}/advisory")));
    };
    let light = drafted.draft.light();
    let (reads, opened) = match light {
        Tlp::Clear => (
            "Everyone can read it".to_owned(),
            "What was sealed of the case in the log is opened: who did what when, by number, and none of their words.",
        ),
        Tlp::Green => (
            format!("Every member of this house can read it, under {light}"),
            KEPT_SEALED,
        ),
        _ => (
            format!("Who has a part in the case can read it, under {light}"),
            KEPT_SEALED,
        ),
    };
    let what = match drafted.advisory {
        None => format!(
            "{reads}, as a page, as OSV and as CSAF, under a number that stays taken. The embargo ends."
        ),
        Some(_) => format!(
            "{reads} in place of the version before, which stays readable under its own address."
        ),
    };
    let confirm = Confirm {
        what: vec![
            format!("“{}” is published.", drafted.draft.title),
            what,
            opened.to_owned(),
        ],
        whom: vec![
            "Everyone who has or had a part in the case is told, and every finder.".to_owned(),
        ],
        action: format!("/cases/{case}/advisory/publish?saved={saved}"),
        button: "Publish the advisory".to_owned(),
        back: format!("/cases/{case}/advisory"),
    };
    let head = Head::private(format!("Publish the advisory of {case}"))
        .under(case.to_string(), format!("/cases/{case}"))
        .under("The advisory", format!("/cases/{case}/advisory"));
    ask.html(head, &confirm)
}

/// What publishing gave.
#[derive(Serialize, ToSchema)]
struct PublishedView {
    /// `A-000123`.
    advisory: String,
    version: u32,
    log_index: i64,
}

impl From<publish::Published> for PublishedView {
    fn from(published: publish::Published) -> PublishedView {
        PublishedView {
            advisory: published.advisory.to_string(),
            version: published.version,
            log_index: published.log_index,
        }
    }
}

/// Publishes the draft that was saved, where it is still the one that was `saved` then.
#[utoipa::path(post, path = "/cases/{case}/advisory/publish", tag = "advisories",
    params(("case" = String, Path), ("saved" = Option<String>, Query, description = "when the draft that you read was saved")),
    responses((status = 201, body = PublishedView)))]
async fn go(ask: Ask, Path(case): Path<CaseId>) -> Answer {
    let drafted = drafted(&ask, case).await?;
    let mut asked = url::form_urlencoded::parse(ask.query().as_bytes());
    let read = asked.find(|(name, _)| name == "saved");
    let outcome = match (drafted.saved, read) {
        (None, _) => Err(refused("there is no draft; save one first")),
        (Some(saved), Some((_, read))) if saved.to_string() != read => Err(refused(
            "the draft was changed since you read it; read it again",
        )),
        (Some(_), _) => {
            let (house, actor) = (&ask.app.house, ask.visitor.actor());
            publish::publish(house, &actor, case, &drafted.draft, ask.now).await
        }
    };
    match outcome {
        Ok(published) => {
            let address = format!("/advisories/{}", published.advisory);
            ask.made(&address, "published", &PublishedView::from(published))
        }
        Err(Failure::Refused(refusal)) => {
            let again = DraftView::of(case, drafted);
            Err(ask.refused(refusal, head(case), &again))
        }
        Err(other) => Err(other.into()),
    }
}

fn refused(message: &str) -> Failure {
    Failure::Refused(Refusal::whole(message))
}

/// Taking an advisory back.
#[derive(Template)]
#[template(path = "advisory/withdraw.html")]
struct WithdrawPage {
    id: String,
    title: Box<str>,
    form: Filled,
}

async fn withdrawal(ask: &Ask, id: AdvisoryId) -> Result<(Head, WithdrawPage), Problem> {
    ask.member()?;
    let actor = ask.visitor.actor();
    let public = publish::show(&ask.app.house, &actor, id, None).await?;
    let drafted = match drafted(ask, public.advisory.case).await {
        Err(Problem::Hidden) => Err(Problem::Denied),
        drafted => drafted,
    }?;
    if !drafted.may_write {
        return Err(Problem::Denied);
    }
    let head = Head::private(format!("Withdraw {id}"))
        .under("Advisories", "/advisories")
        .under(id.to_string(), format!("/advisories/{id}"));
    let page = WithdrawPage {
        id: id.to_string(),
        title: public.document.title,
        form: Filled::empty(),
    };
    Ok((head, page))
}

async fn ask_withdraw(ask: Ask, Path(id): Path<AdvisoryId>) -> Answer {
    let (head, page) = withdrawal(&ask, id).await?;
    ask.html(head, &page)
}

struct Reason(String);

impl Input for Reason {
    fn read(fields: &mut Fields<'_>) -> Option<Reason> {
        let reason = fields.optional_line("reason", LINE_CHARS_MAX);
        Some(Reason(reason.unwrap_or_default()))
    }
}

/// Takes an advisory back, for a `reason` that everyone reads.
#[utoipa::path(post, path = "/advisories/{advisory}/withdraw", tag = "advisories",
    params(("advisory" = String, Path)), request_body = serde_json::Value,
    responses((status = 201, body = PublishedView)))]
async fn withdraw(ask: Ask, Path(id): Path<AdvisoryId>, form: Form) -> Answer {
    let (head, page) = withdrawal(&ask, id).await?;
    let outcome = match form.read::<Reason>() {
        Ok(Reason(reason)) => {
            let actor = ask.visitor.actor();
            publish::withdraw(&ask.app.house, &actor, id, &reason, ask.now).await
        }
        Err(refusal) => Err(Failure::Refused(refusal)),
    };
    match outcome {
        Ok(published) => {
            let address = format!("/advisories/{id}");
            ask.made(
                &address,
                "advisory-withdrawn",
                &PublishedView::from(published),
            )
        }
        Err(Failure::Refused(refusal)) => {
            let form = form.filled(&refusal);
            Err(ask.refused(refusal, head, &WithdrawPage { form, ..page }))
        }
        Err(other) => Err(other.into()),
    }
}

pub fn routes() -> Routes {
    Routes::new()
        .both("see_draft", routes!(draft))
        .both("draft_advisory", routes!(save))
        .page(
            "publish",
            "GET",
            "/cases/{case}/advisory/publish",
            get(confirm),
        )
        .both("publish", routes!(go))
        .page(
            "withdraw_advisory",
            "GET",
            "/advisories/{advisory}/withdraw",
            get(ask_withdraw),
        )
        .both("withdraw_advisory", routes!(withdraw))
}
