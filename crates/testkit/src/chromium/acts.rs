//! What a person does in their browser: fills in, chooses, presses, follows, types.

use thirtyfour::{By, Key, WebElement};

use super::Chromium;

impl Chromium {
    /// The first element of this kind that a person sees.
    async fn seen(&self, by: By, what: &str) -> WebElement {
        let found = self.driver.find_all(by).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        for element in found {
            if element.is_displayed().await.unwrap_or(false) {
                return element;
            }
        }
        panic!("{} shows no {what}:\n{}", self.place().await, self.text().await)
    }

    /// Opens whatever is folded around the form of this id, as a person does before they fill it in.
    async fn unfold(&self, form: &str) {
        let folded = format!("//form[@id='{form}']/ancestor::details[not(@open)]/summary");
        for summary in self.driver.find_all(By::XPath(folded)).await.unwrap_or_default() {
            summary.click().await.unwrap_or_else(|error| panic!("{form} does not unfold: {error}"));
        }
    }

    /// Fills in the field of this name: writes a text, chooses an option, ticks or unticks a box, chooses the file at a path.
    ///
    /// # Panics
    ///
    /// When the form shows no such field, or it has no such option.
    pub async fn fill(&self, form: &str, name: &str, value: &str) {
        self.unfold(form).await;
        let what = format!("field {name} in the form {form}");
        let field = self.seen(By::Css(format!("form#{form} [name='{name}']")), &what).await;
        let kind = field.tag_name().await.expect("an element has a name");
        let input = field.attr("type").await.ok().flatten().unwrap_or_default();
        let done = match (kind.as_str(), input.as_str()) {
            ("select", _) => {
                let option = field.find(By::Css(format!("option[value='{value}']"))).await;
                option.unwrap_or_else(|error| panic!("{what} has no {value}: {error}")).click().await
            }
            (_, "radio") => {
                let place = By::Css(format!("form#{form} [name='{name}'][value='{value}']"));
                self.seen(place, &format!("{what} with {value}")).await.click().await
            }
            (_, "checkbox") => {
                let wanted = !value.is_empty();
                if field.is_selected().await.unwrap_or(false) == wanted {
                    return;
                }
                field.click().await
            }
            // A file is named by its path.
            (_, "file") => field.send_keys(value).await,
            _ => {
                field.clear().await.unwrap_or_else(|error| panic!("{what}: {error}"));
                field.send_keys(value).await
            }
        };
        done.unwrap_or_else(|error| panic!("{what}: {error}"));
    }

    /// Fills in several fields of a form.
    pub async fn fill_in(&self, form: &str, answers: &[(&str, &str)]) {
        for (name, value) in answers {
            self.fill(form, name, value).await;
        }
    }

    /// Presses the button with these words and waits for the page that it leads to.
    ///
    /// # Panics
    ///
    /// When no such button is seen, or no page follows.
    pub async fn press(&self, words: &str) {
        let from = self.document().await;
        self.tap(words).await;
        self.arrive(&from).await;
    }

    /// Presses the button with these words, which does something on the page shown.
    ///
    /// # Panics
    ///
    /// When no such button is seen.
    pub async fn tap(&self, words: &str) {
        let place = By::XPath(format!("//button[normalize-space()=\"{words}\"]"));
        let button = self.seen(place, &format!("button \"{words}\"")).await;
        button.click().await.unwrap_or_else(|error| panic!("the button {words:?}: {error}"));
    }

    /// Presses the button that sends the form of this id.
    ///
    /// # Panics
    ///
    /// When it shows none.
    pub async fn send(&self, form: &str) {
        self.unfold(form).await;
        let place = By::Css(format!("form#{form} button:not([type='button']):not([name])"));
        let button = self.seen(place, &format!("button of the form {form}")).await;
        let from = self.document().await;
        button.click().await.unwrap_or_else(|error| panic!("the button of {form}: {error}"));
        self.arrive(&from).await;
    }

    /// Follows the first link whose words contain these.
    ///
    /// # Panics
    ///
    /// When no such link is seen.
    pub async fn follow(&self, words: &str) {
        let place = By::XPath(format!("//a[contains(normalize-space(), \"{words}\")]"));
        let link = self.seen(place, &format!("link \"{words}\"")).await;
        let from = self.document().await;
        link.click().await.unwrap_or_else(|error| panic!("the link {words:?}: {error}"));
        self.arrive(&from).await;
    }

    /// Strikes keys, wherever the focus is.
    pub async fn strike(&self, keys: &str) {
        let chain = self.driver.action_chain().send_keys(keys);
        chain.perform().await.unwrap_or_else(|error| panic!("keys {keys:?}: {error}"));
    }

    /// Strikes one of the keys without a letter.
    pub async fn key(&self, key: Key) {
        self.strike(&key.value().to_string()).await;
    }

    /// Strikes one of the keys without a letter and waits for the page that it leads to.
    ///
    /// # Panics
    ///
    /// When no page follows.
    pub async fn key_and_follow(&self, key: Key) {
        let from = self.document().await;
        self.key(key).await;
        self.arrive(&from).await;
    }

    /// Moves the focus to what comes next, or with `back` to what came before.
    pub async fn tab(&self, back: bool) {
        if !back {
            return self.key(Key::Tab).await;
        }
        let chain = self.driver.action_chain().key_down(Key::Shift).send_keys(Key::Tab.value().to_string());
        chain.key_up(Key::Shift).perform().await.expect("the keyboard works");
    }
}
