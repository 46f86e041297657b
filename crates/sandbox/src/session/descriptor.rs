//! Descriptor: an open descriptor goes from one process to another, owned on both sides.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

/// Sends a byte and with it a descriptor (unix(7), `SCM_RIGHTS`).
pub(crate) fn give(to: &UnixStream, descriptor: BorrowedFd<'_>) -> std::io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut rights = SendAncillaryBuffer::new(&mut space);
    let all = [descriptor];
    if !rights.push(SendAncillaryMessage::ScmRights(&all)) {
        return Err(std::io::Error::other("no room for a descriptor"));
    }
    sendmsg(
        to.as_fd(),
        &[IoSlice::new(b"+")],
        &mut rights,
        SendFlags::NOSIGNAL,
    )?;
    Ok(())
}

/// Takes it. What comes is the first process's own, which was bound before anything inside could talk to it; more than
/// one is closed at once.
pub(super) fn take(from: &UnixStream) -> std::io::Result<OwnedFd> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut rights = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    recvmsg(
        from.as_fd(),
        &mut [IoSliceMut::new(&mut byte)],
        &mut rights,
        RecvFlags::CMSG_CLOEXEC,
    )?;
    let mut descriptors = rights.drain().flat_map(|message| match message {
        RecvAncillaryMessage::ScmRights(all) => all.collect::<Vec<OwnedFd>>(),
        _ => Vec::new(),
    });
    descriptors
        .next()
        .ok_or_else(|| std::io::Error::other("no descriptor came"))
}
