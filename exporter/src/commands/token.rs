//! `pratiko-exporter token`.

use super::{CommandError, print};
use crate::web::Token;

pub(super) fn run() -> Result<(), CommandError> {
    let token = Token::generate().map_err(CommandError::of)?;
    print(&format!(
        "token (give it to whoever sends or scrapes; it is not kept): {}\nconfiguration (auth.….tokens): {}\n",
        token.reveal(),
        token.hash()
    ))
}
