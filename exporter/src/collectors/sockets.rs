//! The tables of sockets, `/proc/net/{tcp,tcp6,udp,udp6}`, which share their columns.

/// Longer than any line of them, which the kernel fills up to 127 characters or, with IPv6, some 180.
pub(super) const LONGEST_LINE: usize = 512;

/// What a line of such a table says of one socket.
pub(super) struct Socket {
    /// The state, 1 to 12, numbered as the kernel does.
    pub state: u8,
    /// Bytes that wait to be sent.
    pub transmit_queue_bytes: u64,
    /// Bytes that wait to be read.
    pub receive_queue_bytes: u64,
}

/// Reads `0: 0100007F:0035 00000000:0000 07 00000000:00000000 …`.
pub(super) fn parse(line: &str) -> Option<Socket> {
    let mut words = line.split_ascii_whitespace().skip(3);
    let state = u8::from_str_radix(words.next()?, 16).ok()?;
    let (transmit, receive) = words.next()?.split_once(':')?;
    Some(Socket {
        state,
        transmit_queue_bytes: u64::from_str_radix(transmit, 16).ok()?,
        receive_queue_bytes: u64::from_str_radix(receive, 16).ok()?,
    })
}
