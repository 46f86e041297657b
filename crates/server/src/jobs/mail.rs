//! Mail: how does a letter leave the house? By SMTP (RFC 5321), encrypted unless the operator's own URL says otherwise.

use std::time::Duration;

use clearinghouse::notice::Letter;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, header};
use lettre::transport::smtp::SmtpTransport;
use lettre::{Address, Message, Transport};

/// A mail server that says nothing for so long is down: the letter is tried again later.
const SILENCE_SECONDS_MAX: u64 = 30;

/// Who carries the mail, and in whose name.
pub struct Mailer {
    transport: SmtpTransport,
    from: Mailbox,
}

impl Mailer {
    /// `url` is `smtps://user:password@host`, `smtp://host?tls=required`, or `smtp://127.0.0.1:25` for a relay on
    /// this machine; `from` is `Harbor ISAC <seamark@harbor.example>`.
    ///
    /// # Errors
    ///
    /// Where either says what nobody understands.
    pub fn new(url: &str, from: &str) -> Result<Mailer, String> {
        // Neither message repeats the URL: it holds a password.
        let transport = SmtpTransport::from_url(url)
            .map_err(|_| "the mail server is given as `smtps://user:password@host`".to_owned())?;
        let from = from
            .parse()
            .map_err(|_| format!("`{from}` is no sender; write `A Name <address@host.example>`"))?;
        let silence = Some(Duration::from_secs(SILENCE_SECONDS_MAX));
        Ok(Mailer {
            transport: transport.timeout(silence).build(),
            from,
        })
    }

    /// Hands one letter to the mail server.
    ///
    /// # Errors
    ///
    /// What the server answered, for the operator.
    pub fn send(&self, letter: &Letter) -> Result<(), String> {
        let to: Address = letter
            .to
            .email
            .parse()
            .map_err(|_| "the address cannot be written to".to_owned())?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(Some(letter.to.name.to_string()), to))
            .subject(&letter.subject)
            // No vacation notice of theirs needs to answer us (RFC 3834).
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(|error| error.to_string())?;
        self.transport
            .send(&message)
            .map(|_| ())
            .map_err(|error| error.to_string())
    }
}

/// `Auto-Submitted: auto-generated` (RFC 3834, section 5).
#[derive(Clone)]
struct AutoSubmitted;

impl header::Header for AutoSubmitted {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<AutoSubmitted, Box<dyn std::error::Error + Send + Sync>> {
        Ok(AutoSubmitted)
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(
            header::HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        )
    }
}
