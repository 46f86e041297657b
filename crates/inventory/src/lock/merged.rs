//! One component for each package and version of a list, however often the list has it.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

use crate::{Component, Device, Problem, Sink};

/// Components in the order they were first met.
#[derive(Default)]
pub struct Merged {
    components: Vec<Component>,
    /// By hash of what makes them the same. Two that share a hash without being the same are both kept.
    places: FxHashMap<u64, usize>,
}

impl Merged {
    /// Adds a component. One that is already there keeps only the groups that both are in: what production
    /// needs somewhere is in production.
    pub fn add(&mut self, component: Component) {
        let place = *self
            .places
            .entry(hash(&component))
            .or_insert(self.components.len());
        match self.components.get_mut(place) {
            Some(there) if same(there, &component) => {
                there
                    .groups
                    .retain(|group| component.groups.contains(group));
            }
            _ => self.components.push(component),
        }
    }

    pub fn emit(self, sink: &mut dyn Sink) {
        for component in self.components {
            sink.component(component);
        }
    }
}

fn same(one: &Component, other: &Component) -> bool {
    one.name == other.name && one.version == other.version && one.commit == other.commit
}

fn hash(component: &Component) -> u64 {
    let mut hasher = FxHasher::default();
    (&component.name, &component.version, &component.commit).hash(&mut hasher);
    hasher.finish()
}

impl Sink for Merged {
    fn component(&mut self, component: Component) {
        self.add(component);
    }
    fn device(&mut self, _: Device) {}
    fn problem(&mut self, _: Problem) {}
}
