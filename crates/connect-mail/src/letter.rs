//! What a mail says, once; its plain text and its HTML are made of the same parts and say the same.

/// A part of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A line above what follows.
    Heading(String),
    /// Sentences.
    Paragraph(String),
    /// Lines to copy, such as commands.
    Lines(Vec<String>),
    /// Where to read on: what is there, and the address.
    Link(String, String),
}

/// What a mail says, part by part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letter(Vec<Part>);

impl Letter {
    /// Adds a part.
    #[must_use]
    pub fn with(mut self, part: Part) -> Self {
        self.0.push(part);
        self
    }

    /// Adds a part.
    pub fn push(&mut self, part: Part) {
        self.0.push(part);
    }

    /// As plain text, a blank line between parts.
    pub fn text(&self) -> String {
        let parts = self.0.iter().map(|part| match part {
            Part::Heading(text) => format!("{text}\n{}", "-".repeat(text.chars().count().min(72))),
            Part::Paragraph(text) => text.clone(),
            Part::Lines(lines) => {
                lines.iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
            }
            Part::Link(what, address) => format!("{what}:\n{address}"),
        });
        parts.collect::<Vec<_>>().join("\n\n") + "\n"
    }

    /// As an HTML document without anything that is fetched.
    pub fn html(&self) -> String {
        let clean = escaped;
        let mut html = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Security desk</title></head>\
                        <body style=\"font-family: sans-serif; line-height: 1.5; max-width: 40em\">\n"
            .to_owned();
        for part in &self.0 {
            let written = match part {
                Part::Heading(text) => format!("<h2>{}</h2>\n", clean(text)),
                Part::Paragraph(text) => format!("<p>{}</p>\n", clean(text)),
                Part::Lines(lines) => format!("<pre>{}</pre>\n", clean(&lines.join("\n"))),
                Part::Link(what, address) => {
                    format!("<p><a href=\"{}\">{}</a></p>\n", clean(address), clean(what))
                }
            };
            html.push_str(&written);
        }
        html + "</body></html>\n"
    }
}

/// A text as HTML shows it, in an element or a quoted attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same_and_no_text_becomes_markup() {
        let letter = Letter::default()
            .with(Part::Heading("numpy <1.2>".to_owned()))
            .with(Part::Paragraph("A & B \"quoted\" <script>alert(1)</script>".to_owned()))
            .with(Part::Lines(vec!["pip install 'numpy>=1.2'".to_owned()]))
            .with(Part::Link("Read on".to_owned(), "https://desk.example.org/a?b=1&c=\"x".to_owned()));
        let (text, html) = (letter.text(), letter.html());
        assert!(text.starts_with("numpy <1.2>\n-----------\n\nA & B"), "{text}");
        assert!(text.contains("    pip install 'numpy>=1.2'\n"), "{text}");
        assert!(!html.contains("<script>") && !html.contains("=\"x"), "{html}");
        assert!(html.contains("&lt;script&gt;"), "{html}");
    }
}
