//! Ledger proofs and checkpoints for those who may have them.

use bastide_authz::{Action, Actor};
use bastide_ledger::{Bundle, tiles::TilePath};
use bastide_model::id::CaseId;
use bastide_store::Log;

use crate::{Desk, UseCaseError, desk::store};

impl Desk {
    /// The proof of a case's history, with the contents that its viewer may read revealed; it verifies offline.
    pub async fn proof(&self, actor: &Actor, case: CaseId) -> Result<Bundle, UseCaseError> {
        let (_, permit) = self.open_case(actor, case, Action::ReadProofs).await?;
        self.store().prove(case, Some(&permit)).await.map_err(store)
    }

    /// The newest checkpoint of a log, signed now when there is none yet.
    pub async fn checkpoint(&self, log: Log) -> Result<String, UseCaseError> {
        match self.store().newest_checkpoint(log).await.map_err(store)? {
            Some(note) => Ok(note),
            None => self.store().checkpoint(log).await.map_err(store),
        }
    }

    /// A tile of the public log.
    pub async fn tile(&self, path: &str) -> Result<Vec<u8>, UseCaseError> {
        let path: TilePath = path.parse().map_err(|_| UseCaseError::NotFound)?;
        self.store().tile(Log::Public, &path).await.map_err(store)?.ok_or(UseCaseError::NotFound)
    }
}
