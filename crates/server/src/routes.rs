//! What a noun adds to the door: its routes, each with the action that the policy is asked for.

use axum::routing::MethodRouter;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::App;

/// The routes of one noun, or of all.
pub struct Routes {
    pub(crate) router: OpenApiRouter<App>,
    pub(crate) list: Vec<Route>,
    pub(crate) verbatim: Vec<Verbatim>,
}

/// A prefix under which an address that ends in `.json` is a file of that name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verbatim {
    pub prefix: &'static str,
    /// Whether nobody but programs reads what is there, so that what went wrong is told in JSON.
    pub is_for_programs: bool,
}

/// One method of one address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    pub path: String,
    pub method: &'static str,
    /// The policy's action, or `public: why`.
    pub action: &'static str,
    /// Whether the OpenAPI document describes it; else it is a page for people alone.
    pub is_described: bool,
}

impl Default for Routes {
    fn default() -> Routes {
        Routes::new()
    }
}

impl Routes {
    /// None yet.
    pub fn new() -> Routes {
        Routes {
            router: OpenApiRouter::default(),
            list: Vec::new(),
            verbatim: Vec::new(),
        }
    }

    /// Routes of one address that serve people and programs, described in the OpenAPI document:
    /// `.both("case:read", routes!(show))`. Methods with other actions are added by calling this again.
    #[must_use]
    pub fn both(mut self, action: &'static str, mut routes: UtoipaMethodRouter<App>) -> Routes {
        for (path, item) in &mut routes.1.paths {
            for (method, operation) in operations(item) {
                let mut extensions = operation.extensions.take().unwrap_or_default();
                extensions.insert("x-action".to_owned(), serde_json::Value::from(action));
                operation.extensions = Some(extensions);
                self.list.push(Route {
                    path: path.clone(),
                    method,
                    action,
                    is_described: true,
                });
            }
        }
        self.router = self.router.routes(routes);
        self
    }

    /// A page or a download for people alone: an empty form, a confirmation, a style sheet.
    /// `methods` are those that `handler` answers, such as `GET` or `GET POST`.
    #[must_use]
    pub fn page(
        mut self,
        action: &'static str,
        methods: &'static str,
        path: &'static str,
        handler: MethodRouter<App>,
    ) -> Routes {
        let routes = methods.split(' ').map(|method| Route {
            path: path.to_owned(),
            method,
            action,
            is_described: false,
        });
        self.list.extend(routes);
        self.router = self.router.route(path, handler);
        self
    }

    /// Under `prefix` an address that ends in `.json` is a file of that name, not the JSON of a page.
    #[must_use]
    pub fn verbatim(mut self, prefix: &'static str) -> Routes {
        self.verbatim.push(Verbatim {
            prefix,
            is_for_programs: false,
        });
        self
    }

    /// The same where programs alone read: what went wrong is told in JSON, whatever they say that they take.
    #[must_use]
    pub fn files(mut self, prefix: &'static str) -> Routes {
        self.verbatim.push(Verbatim {
            prefix,
            is_for_programs: true,
        });
        self
    }

    /// A limit or another layer for all routes so far, such as `DefaultBodyLimit::max(BYTES_MAX)`.
    #[must_use]
    pub fn limit(mut self, layer: axum::extract::DefaultBodyLimit) -> Routes {
        self.router = self.router.layer(layer);
        self
    }

    /// Adds all of `others`.
    #[must_use]
    pub fn and(mut self, others: Routes) -> Routes {
        self.router = self.router.merge(others.router);
        self.list.extend(others.list);
        self.verbatim.extend(others.verbatim);
        self
    }

    /// Every route, sorted.
    pub fn list(&self) -> Vec<Route> {
        let mut list = self.list.clone();
        list.sort();
        list
    }
}

/// The operations of `item`, with their methods.
pub(crate) fn operations(
    item: &mut PathItem,
) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("GET", &mut item.get),
        ("POST", &mut item.post),
        ("PUT", &mut item.put),
        ("PATCH", &mut item.patch),
        ("DELETE", &mut item.delete),
        ("HEAD", &mut item.head),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}
