//! What someone runs: a file for each kind of list it is read from.
//!
//! Readers push what they find into a [`Sink`], so that a 250 MB SBOM needs no more memory than a small one.
//! A hostile file can cost a message, never the scan.

use names::{Cpe, Ecosystem, Purl};

pub mod binary;
pub mod bundle;
pub mod device;
pub mod fuzz;
pub mod image;
pub mod inside;
pub mod kind;
pub mod lock;
pub mod os;
pub mod sbom;
pub mod walk;

/// Takes what readers find, as they find it.
pub trait Sink {
    fn component(&mut self, component: Component);
    fn device(&mut self, device: Device);
    fn problem(&mut self, problem: Problem);
}

/// A package that is installed, locked or listed somewhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Component {
    /// The database that answers for it, with its release on distributions; `None` where nobody does.
    pub ecosystem: Option<Ecosystem>,
    /// As its ecosystem writes it (`@scope/name`, `group:artifact`, `github.com/a/b`), normalized for comparison.
    pub name: String,
    /// As written; empty where the list gives none, and then nothing is compared.
    pub version: String,
    /// As its list writes it; see [`Component::package_url`] for all others.
    pub purl: Option<Purl>,
    pub cpes: Vec<Cpe>,
    /// The source package a distribution built it from, where that has another name or version.
    pub source: Option<SourcePackage>,
    /// Module stream of an rpm, `nodejs:18`.
    pub module: String,
    pub arch: String,
    /// The commit it was built from, full hash in lower case.
    pub commit: String,
    /// The repository of that commit.
    pub repository: String,
    /// Groups a lockfile puts it in: `dev`, `optional`, `test`. Empty: in production.
    pub groups: Vec<String>,
    pub location: Location,
}

impl Component {
    /// Its package URL: as its list writes it, or else what ecosystem, name and version amount to. A lockfile of a
    /// thousand packages is read sooner if nobody spells out a thousand URLs that few will ask for.
    pub fn package_url(&self) -> Option<Purl> {
        let derived = || Purl::of(self.ecosystem.as_ref()?, &self.name, &self.version);
        self.purl.clone().or_else(derived)
    }
}

/// The source package of a binary package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourcePackage {
    pub name: String,
    pub version: String,
}

/// Where it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    /// Path as the user named it, archives inside archives joined by `!/`.
    pub path: String,
    /// Image platform and layer, `linux/amd64` and a digest; empty outside images.
    pub platform: String,
    pub layer: String,
    /// First line in the file, from 1; 0 where lines mean nothing.
    pub line: u32,
}

/// A device from a list kept by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    pub vendor: String,
    pub product: String,
    /// Model, order or SKU number.
    pub model: String,
    /// Firmware or software version as written.
    pub version: String,
    pub serial: String,
    pub site: String,
    /// Whether it can be reached from a public network; `None` where the list does not say.
    pub exposed: Option<bool>,
    pub owner: String,
    /// How many of it; 1 where the list does not say.
    pub count: u32,
    pub location: Location,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub location: Location,
    /// What is wrong and what would have been right, lower case, no full stop.
    pub message: String,
    /// Whether something of the inventory is missing because of it, or it is only worth knowing.
    pub lost: bool,
}

/// A sink that keeps everything, for small inputs and tests.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    pub components: Vec<Component>,
    pub devices: Vec<Device>,
    pub problems: Vec<Problem>,
}

impl Sink for Listing {
    fn component(&mut self, component: Component) {
        self.components.push(component);
    }
    fn device(&mut self, device: Device) {
        self.devices.push(device);
    }
    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}
