//! A case as `authorize` sees it, for a door that asks before it does anything.

use bastide_authz::CaseObject;
use bastide_model::id::CaseId;

use crate::{Desk, UseCaseError};

impl Desk {
    /// What `authorize` needs to know of a case. The use case behind the door asks again.
    pub async fn case_object(&self, id: CaseId) -> Result<CaseObject, UseCaseError> {
        Ok(self.load(id).await?.object)
    }
}
