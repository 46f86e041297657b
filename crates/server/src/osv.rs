//! What answers as osv.dev does: the house's own advisories, and a mirror of others' where the operator names one.
//!
//! Both are advisory indexes with the records as they were written, mapped from files; an answer is put together from
//! bytes that stand there. A shelf is replaced as a whole, so that a request sees one state of it from its first byte to
//! its last: the house's own when something is published, the mirror when its file is another one.

pub mod answer;
mod mirror;
mod own;
pub mod question;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use clearinghouse::Failure;
use scan::Index;
use tokio::sync::Mutex;

use crate::App;

pub use mirror::Mirror;
pub use own::{Export, File, Own};

/// What is answered from.
#[derive(Clone)]
pub struct Shelf {
    pub own: Arc<Own>,
    pub mirror: Option<Arc<Mirror>>,
}

impl Shelf {
    /// What is looked into, the house's own first.
    pub fn indexes(&self) -> impl Iterator<Item = &Index> {
        let mirrored = self.mirror.iter().map(|mirror| &mirror.index);
        std::iter::once(&self.own.index).chain(mirrored)
    }
}

/// The shelf, and who fills it.
#[derive(Default)]
pub struct Shelves {
    own: RwLock<Option<Arc<Own>>>,
    mirror: RwLock<Option<Arc<Mirror>>>,
    /// Held by whoever fills it, so that it is filled once; not before then is the house's own made anew.
    filling: Mutex<Option<Instant>>,
}

/// Making it anew takes some 50 µs for each advisory, so this is 200,000 of them. Where it takes longer, it rests four
/// times as long, so that a house that publishes all day spends a fifth of a processor on it.
const QUICK: Duration = Duration::from_secs(10);

impl Shelves {
    /// What is answered from now. Whoever comes before it was filled waits for that: an empty answer would be read as
    /// *nothing is known*.
    pub async fn shelf(&self, app: &App) -> Result<Shelf, Failure> {
        if held(&self.own).is_none() {
            self.fill(app).await?;
        }
        let own = held(&self.own).ok_or_else(|| Failure::broken("the shelf is not filled"))?;
        let mirror = held(&self.mirror);
        Ok(Shelf { own, mirror })
    }

    /// Takes in what was published since, and the mirror's file where it is another one.
    pub async fn fill(&self, app: &App) -> Result<(), Failure> {
        let mut resting = self.filling.lock().await;
        let rests = resting.is_some_and(|until| Instant::now() < until);
        let mark = clearinghouse::osv::mark(&app.house).await?;
        let is_old = held(&self.own).is_none_or(|own| own.mark != mark);
        if is_old && !rests {
            let began = Instant::now();
            let own = own::read(app, mark).await?;
            *self.own.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(own));
            let took = began.elapsed();
            *resting = (took > QUICK).then(|| Instant::now() + 4 * took);
        }
        let Some(file) = app.settings.advisories.clone() else {
            return Ok(());
        };
        let before = held(&self.mirror);
        let opened = tokio::task::spawn_blocking(move || mirror::open(&file, before.as_deref()));
        match opened.await.map_err(Failure::broken)? {
            Ok(None) => {}
            Ok(Some(mirror)) => {
                tracing::info!(
                    advisories = mirror.index.advisories(),
                    edition = %mirror.index.edition(),
                    "serving another edition of the mirrored advisories"
                );
                let mut place = self.mirror.write().unwrap_or_else(PoisonError::into_inner);
                *place = Some(Arc::new(mirror));
            }
            // The one before is served on: an answer of yesterday is better than none.
            Err(problem) => tracing::warn!(problem, "the mirrored advisories cannot be read"),
        }
        Ok(())
    }
}

/// Says what is wrong with the mirror that the settings name, before anything is served.
///
/// # Errors
///
/// Where it cannot be served, with what to do.
pub fn check(settings: &crate::settings::Settings) -> Result<(), String> {
    match &settings.advisories {
        Some(file) => mirror::open(file, None).map(drop),
        None => Ok(()),
    }
}

fn held<T>(place: &RwLock<Option<Arc<T>>>) -> Option<Arc<T>> {
    place.read().unwrap_or_else(PoisonError::into_inner).clone()
}
