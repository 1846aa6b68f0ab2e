//! What the desk asks of people who sign in, and who else may vouch for them: GitHub, and providers that speak `OpenID` Connect.

use crate::{SecretFile, Whole, declaration::section};

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
        /// How many hours pass between the agreement of two administrators that somebody lost their passkeys and the link to
        /// make new ones. In that time that person, who is told, or any administrator can stop it.
        recovery_hours: Whole<1, 168> = "24", "48";
    }
}

section! {
    /// Signing in through GitHub, by an OAuth app of the programme. It needs both; its callback address is
    /// `PUBLIC-URL/sign-in/return/github`. People link their accounts themselves, or an administrator names them.
    pub struct SignInGithub in "sign-in.github" {
        /// The app's client id.
        client_id: Option<String>, "Iv1.0123456789abcdef";
        /// A file with the app's client secret.
        client_secret_file: Option<SecretFile>, "credential:github-secret";
        /// The site and its API where it is a GitHub Enterprise Server of your own: `https://github.example.org`. It may be
        /// on an inner network: it is reached as it is.
        server: Option<String>, "https://github.example.org";
    }
}

section! {
    /// Signing in through a provider that speaks `OpenID` Connect, under a short name of your choice:
    /// `[sign-in.oidc.orcid]`. Its callback address is `PUBLIC-URL/sign-in/return/NAME`.
    pub struct SignInOidc in "sign-in.oidc.*" {
        /// The provider's issuer, to the letter. Its origin may be on an inner network: it is reached as it is, and nothing
        /// beside it that is not public.
        issuer: String, "https://orcid.org";
        /// The desk's client id at the provider.
        client_id: String, "APP-0123456789ABCDEF";
        /// A file with the desk's client secret.
        client_secret_file: SecretFile, "credential:orcid-secret";
        /// What people read on the button.
        title: String, "ORCID";
    }
}
