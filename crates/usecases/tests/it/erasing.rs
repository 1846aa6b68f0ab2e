//! A case whose contents were erased stays readable as a history.

use bastide_usecases::{InboxFilter, OpenedContent, UseCaseError};
use serde_json::json;

use crate::world::{Who, advisory, on_both_engines};

#[test]
fn an_erased_case_still_loads_and_says_so() {
    on_both_engines(async |world| {
        let (case, _, id) = world.published().await;
        let before = world.view(Who::Coordinator, case).await;
        let store = world.desk.store();
        store.erase_case_bodies(case, world.now(), None).await.unwrap();
        let view = world.view(Who::Coordinator, case).await;
        assert!(view.case.erased && !before.case.erased);
        assert_eq!(view.entries.len(), before.entries.len());
        assert_eq!(view.lifecycle(), before.lifecycle());
        assert!(view.report.is_none() && view.draft.is_none() && view.cve_numbers.is_empty());
        let erased = view.entries.iter().filter(|entry| entry.content == OpenedContent::Erased).count();
        let had = before.entries.iter().filter(|entry| entry.content != OpenedContent::None).count();
        assert_eq!(erased, had);
        let inbox = world
            .desk
            .inbox(&world.actor(Who::Coordinator).await, &InboxFilter::default())
            .await
            .unwrap()
            .rows;
        assert_eq!(inbox[0].title, None);
        assert!(world.desk.newest_record(&id).await.unwrap().is_some(), "what is public stays public");
        let revision = json!({ "record": advisory(), "change": "More." });
        let refused = world.try_step(Who::Coordinator, case, "draft-advisory", revision).await;
        assert!(matches!(refused, Err(UseCaseError::Invalid { .. })), "{refused:?}");
        world.days_pass(100);
        world.desk.tick().await.unwrap();
        world.sound().await;
        world.end().await;
    });
}
