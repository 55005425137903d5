//! The messages of D-Bus as bytes: what a client needs that only calls methods.
//!
//! Format: <https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol>.

use std::io::{self, Read};

/// A message with the header fields that we use.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub kind: u8,
    pub flags: u8,
    pub serial: u32,
    pub path: String,
    pub interface: String,
    pub member: String,
    pub error_name: String,
    pub reply_serial: Option<u32>,
    pub destination: String,
    pub signature: String,
    /// The arguments, to be read with a [`Reader`].
    pub body: Vec<u8>,
    /// Whether the body's numbers have their highest byte first; what we write never has.
    pub big_endian: bool,
}

pub(crate) const METHOD_CALL: u8 = 1;
pub(crate) const METHOD_RETURN: u8 = 2;

/// Do not start a service to answer this call.
pub(crate) const NO_AUTO_START: u8 = 2;

/// What systemd says of ten thousand units is a twentieth of this.
const LARGEST_MESSAGE: usize = 64 * 1024 * 1024;

impl Message {
    /// Appends the message as bytes.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut fields = Writer::default();
        for (code, kind, text) in [
            (1, 'o', &self.path),
            (2, 's', &self.interface),
            (3, 's', &self.member),
            (4, 's', &self.error_name),
            (6, 's', &self.destination),
        ] {
            if !text.is_empty() {
                fields.field(code, kind);
                fields.text(text);
            }
        }
        if let Some(serial) = self.reply_serial {
            fields.field(5, 'u');
            fields.number(serial);
        }
        if !self.signature.is_empty() {
            fields.field(8, 'g');
            fields.signature(&self.signature);
        }
        let mut header = Writer::default();
        header.bytes.extend_from_slice(&[b'l', self.kind, self.flags, 1]);
        header.number(self.body.len() as u32);
        header.number(self.serial);
        header.number(fields.bytes.len() as u32);
        header.bytes.extend_from_slice(&fields.bytes);
        header.align(8);
        out.extend_from_slice(&header.bytes);
        out.extend_from_slice(&self.body);
    }

    /// Reads the next message.
    pub(crate) fn read(input: &mut impl Read) -> io::Result<Self> {
        let mut start = [0; 16];
        input.read_exact(&mut start)?;
        let big_endian = match start[0] {
            b'l' => false,
            b'B' => true,
            _ => return Err(malformed()),
        };
        let mut numbers = Reader::new(&start[4..], big_endian);
        let (body_length, serial, fields_length) = (numbers.number()?, numbers.number()?, numbers.number()?);
        let (body_length, fields_length) = (body_length as usize, fields_length as usize);
        if body_length > LARGEST_MESSAGE || fields_length > LARGEST_MESSAGE {
            return Err(malformed());
        }
        let mut fields = vec![0; fields_length.next_multiple_of(8)];
        input.read_exact(&mut fields)?;
        let mut body = vec![0; body_length];
        input.read_exact(&mut body)?;

        let mut message =
            Self { kind: start[1], flags: start[2], serial, body, big_endian, ..Self::default() };
        let mut fields = Reader::new(&fields[..fields_length], big_endian);
        while !fields.is_empty() {
            fields.align(8)?;
            let code = fields.byte()?;
            match (code, fields.variant()?) {
                (1, Value::Text(text)) => text.clone_into(&mut message.path),
                (2, Value::Text(text)) => text.clone_into(&mut message.interface),
                (3, Value::Text(text)) => text.clone_into(&mut message.member),
                (4, Value::Text(text)) => text.clone_into(&mut message.error_name),
                (5, Value::Number(serial)) => message.reply_serial = Some(serial as u32),
                (6, Value::Text(text)) => text.clone_into(&mut message.destination),
                (8, Value::Text(text)) => text.clone_into(&mut message.signature),
                _ => {}
            }
        }
        Ok(message)
    }

    /// The value in the answer to a question for a property.
    pub(crate) fn property(&self) -> io::Result<Value<'_>> {
        Reader::new(&self.body, self.big_endian).variant()
    }
}

/// A value that a property may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'body> {
    Text(&'body str),
    Number(u64),
}

/// Reads arguments one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'body> {
    bytes: &'body [u8],
    position: usize,
    big_endian: bool,
}

impl<'body> Reader<'body> {
    /// A reader at the beginning of `bytes`, which is where alignment counts from.
    pub(crate) fn new(bytes: &'body [u8], big_endian: bool) -> Self {
        Self { bytes, position: 0, big_endian }
    }

    /// Whether everything is read.
    pub(crate) fn is_empty(&self) -> bool {
        self.position >= self.bytes.len()
    }

    /// How many bytes are read.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// Goes on to the next multiple of `to` bytes.
    pub(crate) fn align(&mut self, to: usize) -> io::Result<()> {
        let padding = self.position.next_multiple_of(to) - self.position;
        self.take(padding).map(|_| ())
    }

    /// A 32-bit number, which is also how a boolean is written.
    pub(crate) fn number(&mut self) -> io::Result<u32> {
        self.align(4)?;
        let bytes = self.array()?;
        Ok(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    /// A string or an object path.
    pub(crate) fn text(&mut self) -> io::Result<&'body str> {
        let length = self.number()? as usize;
        self.terminated(length)
    }

    /// A value together with its type.
    pub(crate) fn variant(&mut self) -> io::Result<Value<'body>> {
        match self.signature()? {
            "s" | "o" => Ok(Value::Text(self.text()?)),
            "g" => Ok(Value::Text(self.signature()?)),
            "u" | "b" => Ok(Value::Number(u64::from(self.number()?))),
            "t" => {
                self.align(8)?;
                let bytes = self.array()?;
                let number =
                    if self.big_endian { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) };
                Ok(Value::Number(number))
            }
            _ => Err(malformed()),
        }
    }

    fn signature(&mut self) -> io::Result<&'body str> {
        let length = usize::from(self.byte()?);
        self.terminated(length)
    }

    fn byte(&mut self) -> io::Result<u8> {
        self.array().map(|[byte]| byte)
    }

    fn terminated(&mut self, length: usize) -> io::Result<&'body str> {
        let text = self.take(length)?;
        self.take(1)?;
        std::str::from_utf8(text).map_err(|_| malformed())
    }

    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| malformed())
    }

    fn take(&mut self, length: usize) -> io::Result<&'body [u8]> {
        let end = self.position.checked_add(length).ok_or_else(malformed)?;
        let taken = self.bytes.get(self.position..end).ok_or_else(malformed)?;
        self.position = end;
        Ok(taken)
    }
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not a D-Bus message that makes sense")
}

/// Writes arguments one after the other.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    pub(crate) bytes: Vec<u8>,
}

impl Writer {
    pub(crate) fn align(&mut self, to: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(to), 0);
    }

    pub(crate) fn number(&mut self, number: u32) {
        self.align(4);
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.number(text.len() as u32);
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(0);
    }

    pub(crate) fn signature(&mut self, signature: &str) {
        self.bytes.push(signature.len() as u8);
        self.bytes.extend_from_slice(signature.as_bytes());
        self.bytes.push(0);
    }

    /// The beginning of a header field: its code, and its type.
    fn field(&mut self, code: u8, kind: char) {
        self.align(8);
        self.bytes.push(code);
        self.signature(kind.encode_utf8(&mut [0; 4]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello() -> Message {
        Message {
            kind: METHOD_CALL,
            serial: 1,
            path: "/a".to_owned(),
            member: "Hello".to_owned(),
            signature: "u".to_owned(),
            body: vec![7, 0, 0, 0],
            ..Message::default()
        }
    }

    /// Laid out by hand from the specification.
    const HELLO: &[u8] = b"l\x01\x00\x01\x04\x00\x00\x00\x01\x00\x00\x00\x27\x00\x00\x00\
        \x01\x01o\x00\x02\x00\x00\x00/a\x00\x00\x00\x00\x00\x00\
        \x03\x01s\x00\x05\x00\x00\x00Hello\x00\x00\x00\
        \x08\x01g\x00\x01u\x00\x00\
        \x07\x00\x00\x00";

    #[test]
    fn a_message_is_written_as_the_specification_lays_it_out() {
        let mut bytes = Vec::new();
        hello().write(&mut bytes);
        assert_eq!(bytes, HELLO);
        assert_eq!(Message::read(&mut &bytes[..]).unwrap(), hello());
    }

    #[test]
    fn a_message_that_is_cut_or_lies_about_its_length_is_an_error() {
        for length in 0..HELLO.len() {
            assert!(Message::read(&mut &HELLO[..length]).is_err(), "{length}");
        }
        for position in [7, 15, 20] {
            let mut bytes = HELLO.to_vec();
            bytes[position] = 0xff;
            assert!(Message::read(&mut &bytes[..]).is_err(), "{position}");
        }
    }

    #[test]
    fn variants_are_read_in_either_byte_order() {
        let little = b"\x01t\x00\x00\x00\x00\x00\x00\x02\x01\x00\x00\x00\x00\x00\x00";
        assert_eq!(Reader::new(little, false).variant().unwrap(), Value::Number(0x102));
        let big = b"\x01t\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02";
        assert_eq!(Reader::new(big, true).variant().unwrap(), Value::Number(0x102));
        assert_eq!(
            Reader::new(b"\x01s\x00\x00\x02\x00\x00\x00hi\x00", false).variant().unwrap(),
            Value::Text("hi")
        );
        assert!(Reader::new(b"\x01d\x00\x00\x00\x00\x00\x00", false).variant().is_err());
    }
}
