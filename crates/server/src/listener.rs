//! Where connections come in: without delay, not too many, and none that sits there saying nothing.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

/// A connection costs two buffers and a task, some 20 KiB: four thousand are 80 MiB of the one GiB a small house has.
const CONNECTIONS_MAX: usize = 4_096;

/// A browser keeps a connection open for the next click; after this long without a byte it opens a new one as fast.
const IDLE_SECONDS_MAX: u64 = 75;

/// The system is out of files or of patience; trying again at once would only burn the processor.
const RETRY: Duration = Duration::from_millis(100);

/// A listener on one address.
pub struct Door {
    listener: TcpListener,
    seats: Arc<Semaphore>,
}

impl Door {
    /// Listens on `address`; port 0 takes one that is free.
    ///
    /// # Errors
    ///
    /// Where the address is taken, or not ours.
    pub async fn open(address: SocketAddr) -> io::Result<Door> {
        let listener = TcpListener::bind(address).await?;
        Ok(Door {
            listener,
            seats: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    ///
    /// Where the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Listener for Door {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            // Waiting here leaves further ones in the system's queue, where they cost us nothing.
            let seat = self
                .seats
                .clone()
                .acquire_owned()
                .await
                .expect("the seats are never closed");
            match self.listener.accept().await {
                Ok((stream, from)) => {
                    // Without it, the answer to a small request waits for the other side's delayed acknowledgement:
                    // 32 ms more to the first byte, measured.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "cannot send without delay");
                    }
                    let idle = Box::pin(sleep(Duration::from_secs(IDLE_SECONDS_MAX)));
                    return (
                        Connection {
                            stream,
                            idle,
                            _seat: seat,
                        },
                        from,
                    );
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    sleep(RETRY).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.address()
    }
}

/// One connection, closed when it has been silent for too long.
pub struct Connection {
    stream: TcpStream,
    idle: Pin<Box<Sleep>>,
    _seat: OwnedSemaphorePermit,
}

impl Connection {
    fn heard(&mut self) {
        self.idle
            .as_mut()
            .reset(Instant::now() + Duration::from_secs(IDLE_SECONDS_MAX));
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(context, into) {
            Poll::Ready(read) => {
                self.heard();
                Poll::Ready(read)
            }
            Poll::Pending => match self.idle.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
                Poll::Pending => Poll::Pending,
            },
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, from);
        if written.is_ready() {
            self.heard();
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, from);
        if written.is_ready() {
            self.heard();
        }
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
