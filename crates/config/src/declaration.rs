//! How a setting is declared: once, with its sentence, kind, built-in value and example.

use std::collections::BTreeMap;

use crate::given::Reader;

/// One setting, as its declaration says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The section's name; empty for what stands before all sections.
    pub section: &'static str,
    /// The field's name in the struct.
    pub field: &'static str,
    /// What it is for, line by line as it stands in the code.
    pub about: &'static [&'static str],
    /// What its value is, in the words of a command line: `DIR`.
    pub kind: &'static str,
    /// Whether it takes several values.
    pub many: bool,
    /// The value that holds when nobody gives one.
    pub default: Option<&'static str>,
    /// Whether its section cannot be without it.
    pub needed: bool,
    /// A value as it could be given.
    pub example: &'static str,
    /// Its own flag, if it has one.
    pub flag: Flag,
}

/// Which commands have a flag for a setting. Every setting can also be given by `--set KEY=VALUE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// None.
    None,
    /// Commands that open a desk's data.
    Everywhere(&'static str),
    /// `bastide serve` only.
    Serve(&'static str),
}

impl Setting {
    /// The key as it stands in the file, with its section: `metrics.listen`.
    pub fn key(&self) -> String {
        key(self.section, self.field)
    }

    /// The name of its variable: `BASTIDE_METRICS_LISTEN`. What a section for each name holds has none.
    pub fn variable(&self) -> Option<String> {
        (!self.section.contains('*')).then(|| {
            let name = self.key().replace(['-', '.'], "_").to_ascii_uppercase();
            format!("BASTIDE_{name}")
        })
    }

    /// The sentence, joined.
    pub fn sentence(&self) -> String {
        self.about.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
    }
}

/// The key of a field in a section.
pub(crate) fn key(section: &str, field: &str) -> String {
    let field = field.replace('_', "-");
    if section.is_empty() { field } else { format!("{section}.{field}") }
}

/// A section of the configuration; made by `section!`.
pub trait Section: Sized {
    /// Its name in the file; one with a `*` stands for any name, `[provider.*]`.
    const NAME: &'static str;
    /// What it is about.
    const ABOUT: &'static [&'static str];
    /// Its settings.
    const SETTINGS: &'static [Setting];

    /// Reads it from the section of this name; none when something was wrong, which the reader has written down.
    fn read(section: &str, reader: &mut Reader<'_>) -> Option<Self>;

    /// Its values as they stand in a file, by field.
    fn values(&self) -> Vec<(&'static str, Option<toml::Value>)>;

    /// Its values by the section that each stands in.
    fn placed(&self) -> Vec<(String, &'static str, Option<toml::Value>)> {
        self.values().into_iter().map(|(field, value)| (Self::NAME.to_owned(), field, value)).collect()
    }
}

/// A section that stands there once for each name that somebody chose: `[provider.*]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named<S>(pub BTreeMap<String, S>);

impl<S: Section> Section for Named<S> {
    const NAME: &'static str = S::NAME;
    const ABOUT: &'static [&'static str] = S::ABOUT;
    const SETTINGS: &'static [Setting] = S::SETTINGS;

    fn read(section: &str, reader: &mut Reader<'_>) -> Option<Self> {
        // All are read before the first that is wrong ends it.
        let names = reader.names(section);
        let read = |name: String| {
            let found = S::read(&section.replace('*', &name), reader);
            found.map(|found| (name, found))
        };
        let all: Vec<Option<(String, S)>> = names.into_iter().map(read).collect();
        all.into_iter().collect::<Option<_>>().map(Self)
    }

    fn values(&self) -> Vec<(&'static str, Option<toml::Value>)> {
        Vec::new()
    }

    fn placed(&self) -> Vec<(String, &'static str, Option<toml::Value>)> {
        let of_one = |(name, section): (&String, &S)| {
            let place = S::NAME.replace('*', name);
            let placed =
                section.values().into_iter().map(move |(field, value)| (place.clone(), field, value));
            placed.collect::<Vec<_>>()
        };
        self.0.iter().flat_map(of_one).collect()
    }
}

/// Declares a section. A field is `name: Type`, then `= "value"` where something holds without being given, then
/// `, "example"`, then where wanted `, Everywhere "flag"` or `, Serve "flag"`.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        pub struct $name:ident in $section:literal {
            $(
                $(#[doc = $doc:literal])+
                $field:ident: $type:ty $(= $default:literal)?, $example:literal $(, $reach:ident $flag:literal)?;
            )*
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $( $(#[doc = $doc])+ pub $field: $type, )*
        }

        impl $crate::Section for $name {
            const NAME: &'static str = $section;
            const ABOUT: &'static [&'static str] = &[$($about),+];
            const SETTINGS: &'static [$crate::Setting] = &[
                $( $crate::Setting {
                    section: $section,
                    field: stringify!($field),
                    about: &[$($doc),+],
                    kind: <$type as $crate::Value>::KIND,
                    many: <$type as $crate::Value>::MANY,
                    default: $crate::declaration::default_value!($($default)?),
                    needed: <$type as $crate::Value>::NEEDED,
                    example: $example,
                    flag: $crate::declaration::flag!($($reach $flag)?),
                }, )*
            ];

            fn read(section: &str, reader: &mut $crate::Reader<'_>) -> Option<Self> {
                // All are read before the first that is wrong ends it, so that every mistake is told at once.
                $( let $field = reader.take::<$type>(section, stringify!($field), $crate::declaration::default_value!($($default)?)); )*
                Some(Self { $( $field: $field?, )* })
            }

            fn values(&self) -> Vec<(&'static str, Option<toml::Value>)> {
                vec![ $( (stringify!($field), $crate::Value::toml(&self.$field)), )* ]
            }
        }
    };
}

macro_rules! default_value {
    () => {
        None
    };
    ($default:literal) => {
        Some($default)
    };
}

macro_rules! flag {
    () => {
        $crate::Flag::None
    };
    ($reach:ident $flag:literal) => {
        $crate::Flag::$reach($flag)
    };
}

/// Joins the sections into [`Settings`](crate::Settings), in the order in which people read them.
macro_rules! sections {
    ( $( $(#[doc = $doc:literal])+ $field:ident: $section:ty, )+ ) => {
        /// Every setting of a desk.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Settings {
            $( $(#[doc = $doc])+ pub $field: $section, )+
        }

        impl Settings {
            /// Every setting, in the order in which people read them.
            pub fn all() -> Vec<&'static Setting> {
                let mut all = Vec::new();
                $( all.extend(<$section as Section>::SETTINGS); )+
                all
            }

            /// The sections: name, what they are about, settings.
            pub fn sections() -> Vec<(&'static str, &'static [&'static str], &'static [Setting])> {
                vec![ $( (<$section as Section>::NAME, <$section as Section>::ABOUT, <$section as Section>::SETTINGS), )+ ]
            }

            pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
                $( let $field = <$section as Section>::read(<$section as Section>::NAME, reader); )+
                Some(Self { $( $field: $field?, )+ })
            }

            pub(crate) fn values(&self) -> Vec<(String, &'static str, Option<toml::Value>)> {
                let mut all = Vec::new();
                $( all.extend(self.$field.placed()); )+
                all
            }
        }
    };
}

pub(crate) use {default_value, flag, section, sections};
