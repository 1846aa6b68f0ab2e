//! Lost passkeys: the old ones end, sessions with them, and a one-time link leads to making a new one.

use bastide_model::id::PersonId;
use bastide_store::{Change, CredentialKind, Holder, PasskeyEnd, SignInChange};
use serde_json::json;

use crate::{Desk, Secret, UseCaseError, admin::SIGN_IN_LINK, desk::store};

impl Desk {
    /// Lets somebody who lost their passkeys begin anew: their passkeys and sessions end, and the link that comes back
    /// signs them in once, to make a new one. They and the programme's administrators are told. The operator's use case:
    /// whoever has a shell on the machine can do anything anyway.
    pub async fn replace_passkeys(&self, person: PersonId) -> Result<Secret, UseCaseError> {
        if self.person(person).await?.is_none() {
            return Err(UseCaseError::invalid(
                "person",
                "this person is not in the directory",
                "List them with `bastide admin person list`.",
            ));
        }
        let now = self.now();
        let mut changes = vec![Change::SignIn(SignInChange::ForgetDevices { person })];
        for passkey in self.passkeys(person).await? {
            let change = SignInChange::EndPasskey { id: passkey.id, why: PasskeyEnd::Recovered, at: now };
            changes.push(Change::SignIn(change));
        }
        for credential in self.store().credentials_of(Holder::Person(person)).await.map_err(store)? {
            let ends = matches!(credential.kind, CredentialKind::Session | CredentialKind::SignInLink);
            if ends && credential.works(now) {
                changes.push(Change::RevokeCredential { digest: credential.digest, at: now });
            }
        }
        let (link, credential) = self.new_credential(CredentialKind::SignInLink, person, "", SIGN_IN_LINK);
        let header = json!({ "expires": credential.expires });
        changes.push(Change::AddCredential(credential));
        let owner = person.to_string();
        let audiences = [owner.as_str(), "administrators"];
        self.record(person, None, "passkeys-replaced", header, changes, Some(&audiences)).await?;
        Ok(link)
    }
}
