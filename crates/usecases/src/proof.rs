//! Ledger proofs and checkpoints for those who may have them.

use bastide_authz::{Action, Actor, Viewer};
use bastide_ledger::{Bundle, tiles::TilePath};
use bastide_model::id::CaseId;
use bastide_store::Log;

use crate::{Desk, UseCaseError, desk::store};

impl Desk {
    /// The proof of a case's history, with the contents that its viewer may read revealed; it verifies offline.
    ///
    /// A proof holds every header, because a history with gaps proves nothing. Who does not work on the case gets it
    /// once the advisory is out or the case is over: until then the headers say who was asked and what is prepared.
    pub async fn proof(&self, actor: &Actor, case: CaseId) -> Result<Bundle, UseCaseError> {
        let (loaded, permit) = self.open_case(actor, case, Action::ReadProofs).await?;
        let over = loaded.case.advisory.published.is_some() || loaded.case.closed.is_some();
        if !over && !matches!(permit.viewer(), Viewer::Team | Viewer::Auditor) {
            return Err(UseCaseError::NotFound);
        }
        self.store().prove(case, Some(&permit)).await.map_err(store)
    }

    /// The checkpoint of a log. The public log's is of its present head, so that what is published can be proved at
    /// once; a head that was signed before is not signed again. The case log's is the newest that was signed for
    /// somebody's proof: one that followed each event would tell everybody how much goes on at the desk.
    pub async fn checkpoint(&self, log: Log) -> Result<String, UseCaseError> {
        if log == Log::Case
            && let Some(note) = self.store().newest_checkpoint(log).await.map_err(store)?
        {
            return Ok(note);
        }
        self.store().checkpoint(log).await.map_err(store)
    }

    /// A tile of the public log.
    pub async fn tile(&self, path: &str) -> Result<Vec<u8>, UseCaseError> {
        let path: TilePath = path.parse().map_err(|_| UseCaseError::NotFound)?;
        self.store().tile(Log::Public, &path).await.map_err(store)?.ok_or(UseCaseError::NotFound)
    }
}
