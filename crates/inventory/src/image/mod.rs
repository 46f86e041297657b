//! Container images that were saved to a file or folder: what `docker save` writes, and OCI's image layout.
//!
//! Every platform in them is read by itself. Its layers are laid one over the other in memory, where only what is a
//! list stays; a layer that is missing or whose digest does not fit ends that image, for what the others
//! say without it may be untrue.

use std::path::Path;

use crate::{Location, Problem, Sink};

mod digest;
mod layout;
mod root;
mod store;

pub use root::{Root, Want};

use layout::Image;
use store::Store;

/// Whether the file or folder at `path` is an image that was saved.
pub fn is_image(path: &Path) -> bool {
    Store::open(path).is_ok_and(|store| layout::begins(&store))
}

/// Lists what is installed in every image at `path`, which messages and locations call `shown`.
pub fn read(path: &Path, shown: &str, sink: &mut dyn Sink) {
    let location = Location {
        path: shown.to_owned(),
        ..Location::default()
    };
    let problem = |location: &Location, message: String| Problem {
        location: location.clone(),
        message,
        lost: true,
    };
    let store = match Store::open(path) {
        Ok(store) => store,
        Err(why) => return sink.problem(problem(&location, why)),
    };
    let (images, wrong) = layout::images(&store);
    for why in wrong {
        sink.problem(problem(&location, why));
    }
    for image in images {
        let mut root = Root::default();
        let location = Location {
            platform: image.platform.clone(),
            ..location.clone()
        };
        match merge(&store, &image, &location, &root::want, &mut root) {
            Ok(()) => root.list(&location, &image.layer_names(), sink),
            Err(why) => sink.problem(problem(&location, why)),
        }
    }
}

/// The merged files of the first image at `path`, as far as they are wanted.
pub fn files(path: &Path, want: &dyn Fn(&str, u64, u32) -> Want) -> Result<Root, String> {
    let store = Store::open(path)?;
    let (images, wrong) = layout::images(&store);
    let Some(image) = images.first() else {
        return Err(wrong
            .into_iter()
            .next()
            .unwrap_or_else(|| "no image in it".to_owned()));
    };
    let mut root = Root::default();
    merge(&store, image, &Location::default(), want, &mut root)?;
    Ok(root)
}

fn merge(
    store: &Store,
    image: &Image,
    location: &Location,
    want: &dyn Fn(&str, u64, u32) -> Want,
    root: &mut Root,
) -> Result<(), String> {
    for (index, layer) in image.layers.iter().enumerate() {
        root.lay(store, layer, index, location, want)
            .map_err(|why| format!("layer `{}`: {why}", layer.shown))?;
    }
    Ok(())
}
