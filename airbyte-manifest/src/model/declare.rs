//! One declaration gives a component's structure, its table of fields and its reader.

/// Declares a component: `Name [.changes to the definition] { field: Type [= default] [, note(argument)]*; }`.
///
/// A field of type `Option` or with a default may be left out. Notes are the methods of
/// [`Field`](super::definition::Field).
macro_rules! component {
    (
        $(#[$meta:meta])*
        $name:ident $([$($change:tt)+])? {
            $( $(#[$field_meta:meta])* $field:ident : $ty:ty $(= $default:expr)? $(, $note:ident ($argument:expr))* ; )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $( $(#[$field_meta])* pub $field: $ty, )*
            /// All of it, as written.
            pub node: $crate::node::Node,
            /// Where it begins.
            pub at: $crate::node::Position,
        }

        impl $name {
            /// The `$parameters` in force here.
            pub fn parameters(&self) -> std::sync::Arc<serde_json::Map<String, serde_json::Value>> {
                $crate::model::read::parameters(&self.node)
            }

            /// Its entry in the table of components.
            pub const DEFINITION: $crate::model::Definition = $crate::model::Definition::new(
                stringify!($name),
                &[$(
                    $crate::model::Field::new(stringify!($field), $crate::model::declare::component!(@required $ty $(, $default)?))
                        $(.$note($argument))*
                ),*],
            )$($($change)+)?;
        }

        impl $crate::model::read::Parse for $name {
            fn expected() -> String {
                format!("a {}", stringify!($name))
            }

            fn parse(
                node: &$crate::node::Node,
                place: $crate::model::read::Place,
                reader: &mut $crate::model::read::Reader,
            ) -> Option<Self> {
                static DEFINITION: $crate::model::Definition = $name::DEFINITION;
                reader.component(node, place, &DEFINITION, |_reader, _map| {
                    $(
                        let $field = _reader.field::<$ty>(
                            _map,
                            node.at,
                            &DEFINITION,
                            stringify!($field),
                            $crate::model::declare::component!(@default $($default)?),
                        );
                    )*
                    Some(Self { $($field: $field?,)* node: node.clone(), at: node.at })
                })
            }
        }
    };
    (@required $ty:ty) => { <$ty as $crate::model::read::Parse>::REQUIRED };
    (@required $ty:ty, $default:expr) => { false };
    (@default) => { None };
    (@default $default:expr) => { Some($default) };
}

/// Declares a choice between components by their `type`: `Name { Variant(Type) [= "type"], }`.
macro_rules! choice {
    (
        $(#[$meta:meta])*
        $name:ident { $( $variant:ident ($ty:ty) $(= $tag:literal)? , )* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub enum $name {
            $(
                #[doc = concat!("A `", stringify!($variant), "`.")]
                $variant($ty),
            )*
        }

        impl $crate::model::read::Parse for $name {
            fn expected() -> String {
                $crate::model::choice::expected(&[$($crate::model::declare::choice!(@tag $variant $($tag)?)),*])
            }

            fn parse(
                node: &$crate::node::Node,
                place: $crate::model::read::Place,
                reader: &mut $crate::model::read::Reader,
            ) -> Option<Self> {
                const TAGS: &[&str] = &[$($crate::model::declare::choice!(@tag $variant $($tag)?)),*];
                match $crate::model::choice::tag(node, place, TAGS, reader)? {
                    $(
                        $crate::model::declare::choice!(@tag $variant $($tag)?) => {
                            <$ty as $crate::model::read::Parse>::parse(node, place, reader).map(Self::$variant)
                        }
                    )*
                    _ => None,
                }
            }
        }
    };
    (@tag $variant:ident) => { stringify!($variant) };
    (@tag $variant:ident $tag:literal) => { $tag };
}

/// Declares a choice between words: `Name { Variant = "word", }`.
macro_rules! words {
    ( $(#[$meta:meta])* $name:ident { $( $variant:ident = $word:literal, )* } ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $(
                #[doc = concat!("`", $word, "`.")]
                $variant,
            )*
        }

        impl $name {
            /// The word as it is written.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl $crate::model::read::Parse for $name {
            fn expected() -> String {
                $crate::model::choice::expected(&[$($word),*])
            }

            fn parse(
                node: &$crate::node::Node,
                place: $crate::model::read::Place,
                reader: &mut $crate::model::read::Reader,
            ) -> Option<Self> {
                match $crate::model::choice::word(node, place, &[$($word),*], reader)? {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use {choice, component, words};
