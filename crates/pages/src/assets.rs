//! The stylesheet, the script and the icon, with addresses that change when their bytes do.

use std::sync::LazyLock;

use bastide_model::digest::Sha256Digest;

/// The one stylesheet, its parts in the order in which they build on each other. Serve it as `text/css` at
/// [`style_path`], for ever cacheable.
pub const STYLESHEET: &str = concat!(
    include_str!("../assets/style/tokens.css"),
    include_str!("../assets/style/elements.css"),
    include_str!("../assets/style/frame.css"),
    include_str!("../assets/style/words.css"),
    include_str!("../assets/style/boxes.css"),
    include_str!("../assets/style/tables.css"),
    include_str!("../assets/style/inbox.css"),
    include_str!("../assets/style/forms.css"),
    include_str!("../assets/style/actions.css"),
    include_str!("../assets/style/stages.css"),
    include_str!("../assets/style/timeline.css"),
    include_str!("../assets/style/admin.css"),
    include_str!("../assets/style/account.css"),
    include_str!("../assets/style/media.css"),
);

/// The one script. Each part looks for its own `data-` marks, does nothing where there are none, and makes a page that
/// works without it quicker to use; passkeys alone need it. Serve it as `text/javascript` at [`script_path`], for ever
/// cacheable.
pub const SCRIPT: &str = concat!(
    include_str!("../assets/script/copy.js"),
    include_str!("../assets/script/report.js"),
    include_str!("../assets/script/inbox.js"),
    include_str!("../assets/script/passkey.js"),
    include_str!("../assets/script/affected.js"),
);

/// The icon. Serve it as `image/svg+xml` at [`icon_path`], for ever cacheable.
pub const ICON: &str = include_str!("../assets/icon.svg");

static STYLE_PATH: LazyLock<String> = LazyLock::new(|| hashed("style", STYLESHEET, "css"));
static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| hashed("script", SCRIPT, "js"));
static ICON_PATH: LazyLock<String> = LazyLock::new(|| hashed("icon", ICON, "svg"));

/// Where the stylesheet is served: `/assets/style-<hash>.css`.
pub fn style_path() -> &'static str {
    &STYLE_PATH
}

/// Where the script is served: `/assets/script-<hash>.js`.
pub fn script_path() -> &'static str {
    &SCRIPT_PATH
}

/// Where the icon is served: `/assets/icon-<hash>.svg`.
pub fn icon_path() -> &'static str {
    &ICON_PATH
}

fn hashed(name: &str, content: &str, extension: &str) -> String {
    let digest = Sha256Digest::of(content.as_bytes()).to_string();
    let hash: String = digest.chars().filter(char::is_ascii_hexdigit).take(16).collect();
    format!("/assets/{name}-{hash}.{extension}")
}
