//! Persons, projects and cases to ask about.

use std::collections::BTreeSet;

use bastide_authz::{Actor, CaseObject, Grant, Member, Role, Scope};
use bastide_model::{
    id::{CaseId, Id, PersonId},
    party::ProjectName,
    time::{Instant, Span},
};

pub(crate) const ME: PersonId = Id::from_bytes([1; 16]);
pub(crate) const SOMEBODY: PersonId = Id::from_bytes([2; 16]);
pub(crate) const CASE: CaseId = Id::from_bytes([9; 16]);
pub(crate) const OTHER_CASE: CaseId = Id::from_bytes([8; 16]);

pub(crate) fn now() -> Instant {
    Instant::EPOCH + Span::days(20_000)
}

pub(crate) fn project(name: &str) -> ProjectName {
    name.parse().expect("a good name")
}

/// A case of `jupyterlab` with these people.
pub(crate) fn case(members: Vec<Member>) -> CaseObject {
    CaseObject { case: CASE, projects: vec![project("jupyterlab")], members, disclosure_overdue: false }
}

/// Me in a case with these roles.
pub(crate) fn me_as(roles: &[Role], consented: bool) -> Member {
    Member { person: ME, roles: roles.iter().copied().collect::<BTreeSet<_>>(), consented }
}

/// Me with these grants.
pub(crate) fn me(grants: Vec<Grant>) -> Actor {
    Actor { person: Some(ME), grants, ..Actor::default() }
}

/// A grant that holds now.
pub(crate) fn grant(role: Role, scope: Scope) -> Grant {
    Grant { role, scope, from: Instant::EPOCH, until: None, confirmed: true }
}
