//! A web server on this machine that answers by path, and misbehaves where it is told to.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read as _, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What is served, and what was asked.
pub struct Server {
    pub url: String,
    site: Arc<Mutex<Site>>,
}

#[derive(Default)]
struct Site {
    pages: BTreeMap<String, Page>,
    asked: Vec<String>,
    /// Told of each request before it is answered.
    on_request: Option<Box<dyn FnMut(usize) + Send>>,
}

/// An answer.
#[derive(Clone, Default)]
pub struct Page {
    /// `200 OK` where it is empty.
    pub status: String,
    pub headers: Vec<String>,
    pub body: Vec<u8>,
    /// Given once, and then what follows.
    pub next: Option<Box<Page>>,
    /// What `Authorization` has to say.
    pub needs: Option<String>,
    /// Bytes of the body after which the line breaks.
    pub cut: Option<usize>,
    /// Whether more is promised than is sent, and the line stays open.
    pub hangs: bool,
}

impl Page {
    pub fn new(body: impl Into<Vec<u8>>) -> Page {
        Page {
            body: body.into(),
            ..Page::default()
        }
    }

    pub fn status(status: &str, headers: &[&str]) -> Page {
        let headers = headers.iter().map(|line| (*line).to_owned()).collect();
        Page {
            status: status.to_owned(),
            headers,
            ..Page::default()
        }
    }

    pub fn then(mut self, next: Page) -> Page {
        self.next = Some(Box::new(next));
        self
    }

    pub fn needs(mut self, authorization: &str) -> Page {
        self.needs = Some(authorization.to_owned());
        self
    }
}

impl Server {
    pub fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let site = Arc::new(Mutex::new(Site::default()));
        let shared = site.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (Ok(stream), site) = (stream, shared.clone()) else {
                    return;
                };
                std::thread::spawn(move || serve(&stream, &site));
            }
        });
        Server { url, site }
    }

    fn site(&self) -> std::sync::MutexGuard<'_, Site> {
        self.site.lock().expect("unpoisoned")
    }

    pub fn put(&self, path: &str, page: Page) {
        self.site().pages.insert(path.to_owned(), page);
    }

    pub fn text(&self, path: &str, body: impl Into<Vec<u8>>) {
        self.put(path, Page::new(body));
    }

    pub fn remove(&self, path: &str) {
        self.site().pages.remove(path);
    }

    /// Paths that were asked for since the last time, in their order, those that were not changed marked.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.site().asked)
    }

    pub fn on_request(&self, told: impl FnMut(usize) + Send + 'static) {
        self.site().on_request = Some(Box::new(told));
    }
}

fn serve(stream: &TcpStream, site: &Mutex<Site>) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    while let Some((path, headers)) = request(&mut reader) {
        let find = |name: &str| {
            headers
                .iter()
                .find_map(|line| line.strip_prefix(name))
                .map(str::trim)
        };
        let mut page = {
            let mut site = site.lock().expect("unpoisoned");
            site.asked.push(path.clone());
            let count = site.asked.len();
            if let Some(told) = &mut site.on_request {
                told(count);
            }
            let page = site.pages.get(&path).cloned();
            if let Some(next) = page.as_ref().and_then(|page| page.next.clone()) {
                site.pages.insert(path.clone(), *next);
            }
            page.unwrap_or_else(|| Page::status("404 Not Found", &[]))
        };
        if page
            .needs
            .as_deref()
            .is_some_and(|needs| find("authorization:") != Some(needs))
        {
            page = Page::status("401 Unauthorized", &[]);
        }
        let tag = tag(&page.body);
        let is_ok = page.status.is_empty();
        if is_ok && find("if-none-match:") == Some(&tag) {
            page = Page::status("304 Not Modified", &[]);
        }
        let status = if is_ok && page.status.is_empty() {
            "200 OK"
        } else {
            &page.status
        };
        let mut head = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\n",
            page.body.len() + if page.hangs { 50 } else { 0 }
        );
        if is_ok {
            head += &format!("ETag: {tag}\r\n");
        }
        for line in &page.headers {
            head += &format!("{line}\r\n");
        }
        let sent = page.cut.unwrap_or(page.body.len());
        let mut out = stream;
        // A client may be gone before the end, and may have been killed; that is no failure of the server's.
        let written = out
            .write_all(format!("{head}\r\n").as_bytes())
            .and_then(|()| out.write_all(&page.body[..sent]));
        if written.is_err() || page.cut.is_some() {
            let _ = stream.shutdown(std::net::Shutdown::Both);
            return;
        }
    }
}

/// Path and headers, whose names are in lower case.
fn request(reader: &mut BufReader<&TcpStream>) -> Option<(String, Vec<String>)> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.by_ref().take(16 << 10).read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let path = lines.first()?.split(' ').nth(1)?.to_owned();
    let lower = |line: &String| {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        format!("{}:{value}", name.to_ascii_lowercase())
    };
    Some((path, lines.iter().skip(1).map(lower).collect()))
}

fn tag(body: &[u8]) -> String {
    let sum = body.iter().fold(body.len() as u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(*byte))
    });
    format!("\"{sum:x}\"")
}
