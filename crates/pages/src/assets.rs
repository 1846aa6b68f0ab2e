//! The stylesheet and the icon, with addresses that change when their bytes do.

use std::sync::LazyLock;

use bastide_model::digest::Sha256Digest;

/// The one stylesheet. Serve it as `text/css` at [`style_path`], for ever cacheable.
pub const STYLESHEET: &str = include_str!("../assets/style.css");

/// The icon. Serve it as `image/svg+xml` at [`icon_path`], for ever cacheable.
pub const ICON: &str = include_str!("../assets/icon.svg");

static STYLE_PATH: LazyLock<String> = LazyLock::new(|| hashed("style", STYLESHEET, "css"));
static ICON_PATH: LazyLock<String> = LazyLock::new(|| hashed("icon", ICON, "svg"));

/// Where the stylesheet is served: `/assets/style-<hash>.css`.
pub fn style_path() -> &'static str {
    &STYLE_PATH
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
