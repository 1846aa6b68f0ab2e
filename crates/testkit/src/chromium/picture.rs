//! Pictures for the manual: taken by walks, written only when somebody asks for it.

use std::{fs, path::Path};

use serde_json::json;

use super::{Chromium, WIDTH};

/// No picture is larger, in bytes.
const LIMIT: usize = 60 * 1024;

/// No picture shows more of a page, in pixels from where it begins.
const TALLEST: f64 = 760.0;

/// How good pictures are, best first, until one is small enough.
const QUALITIES: [u32; 5] = [85, 75, 60, 45, 30];

impl Chromium {
    /// Takes the picture of this name: the page from this element on. With `BASTIDE_BLESS=1` it is written to the manual;
    /// else the manual must have it.
    ///
    /// # Panics
    ///
    /// When the manual lacks it, or it is too large however it is taken.
    pub async fn picture(&self, name: &str, from: &str) {
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/desk/pictures/{name}.webp"));
        #[allow(clippy::disallowed_methods, reason = "tests are configured by the environment")]
        let bless = std::env::var("BASTIDE_BLESS").is_ok_and(|value| value == "1");
        if !bless {
            let place = file.display();
            assert!(file.is_file(), "the manual lacks {place}: run with BASTIDE_BLESS=1, then look at it");
            return;
        }
        let measure = "const at = selector => document.querySelector(selector).getBoundingClientRect();
            return [at(arguments[0]).top + scrollY, at('main').bottom + scrollY];";
        let edges = self.run(measure, vec![json!(from)]).await;
        let (top, bottom) = (edges[0].as_f64().unwrap_or(0.0), edges[1].as_f64().unwrap_or(0.0));
        let height = (bottom - top).clamp(100.0, TALLEST);
        let clip = json!({ "x": 0, "y": top, "width": WIDTH, "height": height, "scale": 1 });
        for quality in QUALITIES {
            let wanted = json!({
                "format": "webp", "quality": quality, "clip": clip, "captureBeyondViewport": true,
            });
            let taken = self.devtools("Page.captureScreenshot", wanted).await;
            let bytes = data_encoding::BASE64
                .decode(taken["data"].as_str().unwrap_or_default().as_bytes())
                .expect("a picture is base64");
            if bytes.len() <= LIMIT {
                fs::create_dir_all(file.parent().expect("it has a directory"))
                    .expect("the manual can be written");
                fs::write(&file, bytes).expect("the manual can be written");
                return;
            }
        }
        panic!("the picture {name} is larger than {LIMIT} bytes however it is taken: show less of the page");
    }
}
