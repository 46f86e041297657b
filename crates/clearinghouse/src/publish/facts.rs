//! Facts: what the record of a case says to the rule of publishing, and what a first draft is made of.

use advisory::{Credit, CreditRole, Publication, Publisher, Revision, Target};
use finding::coordinate::Part;
use finding::publish::{Checked, Document, Draft, Facts, Vendor};
use finding::verdict::{Said, Status, Word, standing};
use jiff::Timestamp;
use names::{AdvisoryId, Tlp};
use store::Link;

use super::DRAFT;
use crate::coordinate::desk::Desk;
use crate::{Failure, House, prioritize, seal, validate, verdict};

/// What was loaded, for [`Facts`] to borrow from.
pub struct Gathered {
    pub number: AdvisoryId,
    pub advisory: Option<store::advisory::Advisory>,
    /// The last version, where there is one.
    last: Option<store::advisory::Version>,
    pub reports: Vec<store::report::Report>,
    opened: Vec<prioritize::Opened>,
    vendors: Vec<(Box<str>, Option<Timestamp>)>,
    verdicts: Vec<Word>,
    credits: Vec<Credit>,
    earlier: Vec<Revision>,
    checked: Vec<Checked>,
    publisher: Publisher,
    address: String,
}

/// Loads it.
///
/// A new advisory gets the next number of those for everyone, or of the others, as `light` says.
pub async fn gather(
    house: &House,
    link: Link<'_>,
    desk: &Desk,
    light: Tlp,
) -> Result<Gathered, Failure> {
    let advisory = store::advisory::of_case(link, desk.row.id).await?;
    let number = match &advisory {
        Some(advisory) => advisory.id,
        None => store::advisory::next_number(link, light).await?,
    };
    let last = match &advisory {
        Some(advisory) => store::advisory::version(link, number, advisory.version).await?,
        None => None,
    };
    let earlier = match &last {
        Some(last) => {
            let document: Document =
                serde_json::from_slice(&last.document).map_err(Failure::broken)?;
            document.revisions
        }
        None => Vec::new(),
    };
    let opened = prioritize::reports(house, link, desk.row.finding).await?;
    Ok(Gathered {
        address: format!("{}/advisories/{number}", house.settings.url),
        number,
        advisory,
        last,
        reports: store::report::of_finding(link, desk.row.finding).await?,
        credits: credits(&opened),
        opened,
        vendors: vendors(link, desk).await?,
        verdicts: verdicts(desk)?,
        earlier,
        checked: validate::checked(house, link, desk.row.finding).await?,
        publisher: Publisher {
            name: house.settings.operator.to_string(),
            namespace: house.settings.url.to_string(),
            contact: String::new(),
        },
    })
}

impl Gathered {
    /// For the rule: `f` is handed what it borrows.
    pub fn with<T>(&self, desk: &Desk, f: impl FnOnce(&Facts<'_>) -> T) -> T {
        let vendors: Vec<Vendor<'_>> = self
            .vendors
            .iter()
            .map(|(name, told)| Vendor { name, told: *told })
            .collect();
        f(&Facts {
            number: self.number,
            stage: desk.case.stage,
            embargo: &desk.embargo,
            vendors: &vendors,
            verdicts: &self.verdicts,
            credits: &self.credits,
            earlier: &self.earlier,
            checked: &self.checked,
            withdrawn: self
                .advisory
                .as_ref()
                .is_some_and(|advisory| advisory.withdrawn.is_some()),
            told: self.advisory.as_ref().map(|advisory| advisory.tlp),
            publisher: &self.publisher,
            address: &self.address,
        })
    }

    /// What the last version was written as.
    pub fn last_draft(&self, desk: &Desk) -> Result<Draft, Failure> {
        match &self.last {
            Some(last) => seal::open(&desk.key, DRAFT, &last.draft),
            None => Ok(Draft::default()),
        }
    }

    /// What can be said of a case before anyone wrote anything: what its vendors and its finders said of it.
    pub fn first_draft(&self, title: Box<str>, description: Box<str>) -> Draft {
        let mut draft = Draft {
            title,
            summary: description,
            products: self.verdicts.clone(),
            ..Draft::default()
        };
        for word in &mut draft.products {
            word.severity = None;
        }
        for report in &self.opened {
            let body = &report.body;
            extend(&mut draft.weaknesses, &body.weaknesses);
            extend(&mut draft.severities, &body.severities);
            extend(&mut draft.aliases, &body.aliases);
            let Some((product, versions)) = affected(&body.target) else {
                continue;
            };
            if draft.products.iter().all(|one| *one.product != *product) {
                draft.products.push(Word {
                    product,
                    versions,
                    status: Status::Affected,
                    justification: None,
                    words: Box::default(),
                    severity: None,
                });
            }
        }
        draft
    }
}

/// What a finder says has it, and in which versions.
fn affected(target: &finding::report::Target) -> Option<(Box<str>, Box<str>)> {
    let said = target.versions.clone();
    if let Some(package) = &target.package {
        let mut bare = package.clone();
        bare.version = "".into();
        let own = package.package_version().into();
        return Some((bare.to_string().into(), said.unwrap_or(own)));
    }
    let product = target.product.as_ref()?;
    let name = format!("{}: {}", product.vendor, product.name);
    Some((name.into(), said.unwrap_or_default()))
}

fn extend<T: Clone + PartialEq>(all: &mut Vec<T>, more: &[T]) {
    for one in more {
        if !all.contains(one) {
            all.push(one.clone());
        }
    }
}

/// As finders wrote them, in the order in which they came; who named nobody is named nowhere.
fn credits(reports: &[prioritize::Opened]) -> Vec<Credit> {
    let mut credits = Vec::new();
    for (role, pick) in [
        (
            CreditRole::Finder,
            (|one| &one.provenance.finders) as fn(&finding::Report) -> &Vec<Box<str>>,
        ),
        (CreditRole::Tool, |one| &one.provenance.tools),
    ] {
        for name in reports.iter().flat_map(|report| pick(&report.body)) {
            let credit = Credit {
                name: name.to_string(),
                role,
            };
            if !credits.contains(&credit) {
                credits.push(credit);
            }
        }
    }
    credits
}

async fn vendors(
    link: Link<'_>,
    desk: &Desk,
) -> Result<Vec<(Box<str>, Option<Timestamp>)>, Failure> {
    let mut vendors = Vec::new();
    for one in &desk.case.participants {
        // Whoever left after it was told has been told; who left before is no vendor of the case.
        if one.part != Part::Vendor || (one.left.is_some() && one.sent.is_none()) {
            continue;
        }
        let found = store::organization::find(link, one.organization).await?;
        let name = found.map_or_else(|| one.organization.to_string().into(), |found| found.name);
        vendors.push((name, one.sent));
    }
    Ok(vendors)
}

/// What vendors themselves say, where no two of them speak against each other.
fn verdicts(desk: &Desk) -> Result<Vec<Word>, Failure> {
    let (verdicts, heard) = verdict::said(desk)?;
    let mut words = Vec::new();
    for product in standing(&verdicts, &heard) {
        if product.conflict {
            continue;
        }
        for said in product.said {
            if let Said::Verdict(verdict) = said {
                words.push(verdict.word().clone());
            }
        }
    }
    Ok(words)
}

/// What lists find an advisory by.
pub fn words(publication: &Publication) -> Vec<Box<str>> {
    let advisory = &publication.advisory;
    let mut words: Vec<String> = Vec::new();
    for affected in &advisory.affected {
        match &affected.target {
            Target::Package {
                ecosystem, name, ..
            } => {
                words.push(format!("ecosystem:{ecosystem}"));
                words.push(format!("package:{name}"));
            }
            Target::Product(product) => {
                words.push(format!("product:{}", product.name));
                if !product.vendor.is_empty() {
                    words.push(format!("vendor:{}", product.vendor));
                }
            }
            _ => {}
        }
    }
    words.extend(
        advisory
            .weaknesses
            .iter()
            .map(|id| format!("weakness:{id}")),
    );
    words.extend(advisory.aliases.iter().map(|id| format!("id:{id}")));
    let mut words: Vec<Box<str>> = words
        .into_iter()
        .map(|word| word.to_lowercase().into())
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}
