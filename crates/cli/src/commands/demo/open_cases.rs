//! Cases in different states, so that the inbox has something to do. Their reports are made up.

use serde_json::json;

use super::player::Player;
use crate::diagnostic::Diagnostic;

/// Leaves one case that waits for a verdict, one that waits for an answer, and one that the lint holds.
pub(super) async fn play(player: &mut Player) -> Result<(), Diagnostic> {
    player.at("2024-08-29T08:00:00Z").await?;
    player.report("reporter-b", "scipy", include_str!("../../../demo/scipy.txt")).await?;
    player.at("2024-08-29T14:00:00Z").await?;
    player.step("coordinator-a", "take", json!({})).await?;
    let text = "Thank you. We look at it with the people who know that reader.";
    player.step("coordinator-a", "acknowledge", json!({ "text": text })).await?;
    player.at("2024-08-30T07:30:00Z").await?;
    player.report("reporter-c", "numpy", include_str!("../../../demo/numpy.txt")).await?;
    player.at("2024-08-30T09:10:00Z").await?;
    player.report("reporter-d", "cpython", include_str!("../../../demo/cpython.txt")).await?;
    Ok(())
}
