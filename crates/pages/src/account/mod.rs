//! The pages of somebody's own account, and the page that asks to confirm; templates under `templates/account/`.

mod confirm;
mod overview;
mod passkeys;
mod sessions;
mod tokens;

pub use confirm::{Confirm, KeptForm};
pub use overview::{AccountEvent, Overview, StoredFact};
pub use passkeys::{PasskeyRow, Passkeys};
pub use sessions::{SessionRow, Sessions};
pub use tokens::{TokenMade, TokenRow, Tokens};
