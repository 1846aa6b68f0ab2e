//! What the desk asks of people who sign in.

use crate::{Whole, declaration::section};

section! {
    /// What the desk asks of people who sign in.
    pub struct SignIn in "sign-in" {
        /// Whether steps that others cannot undo ask for a passkey, and whoever reads what is not public needs one. Without,
        /// a sign-in of the last 15 minutes confirms: for trying a desk out that has no host name yet.
        passkeys: bool = "true", "false", Serve "passkeys";
        /// After how many minutes without a request a session ends that can read what is not public.
        idle_minutes: Whole<5, 720> = "30", "20";
        /// After how many hours every session ends.
        session_hours: Whole<1, 24> = "12", "8";
    }
}
