//! Events as CloudEvents 1.0 in JSON (<https://cloudevents.io>), read and written.

mod decode;
mod encode;

pub(crate) use decode::decode_body;
pub use decode::{DecodeError, decode, decode_batch};
pub use encode::encode;
