//! The pages: one file each, which maps a use case's answer to a page's values and handles its forms.

use bastide_usecases::UseCaseError;

use crate::{App, routes::Routes, visitor::Visitor};

/// Adds the pages' routes.
pub(crate) fn add(_routes: &mut Routes) {}

/// The page that answers a failure.
pub(crate) fn failure_page(_app: &App, _visitor: Option<&Visitor>, error: &UseCaseError) -> String {
    crate::error::detail(error)
}
