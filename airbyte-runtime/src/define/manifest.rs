//! A `manifest.yaml` as const data: the text that `manifest!` puts into the binary.

/// A manifest that is a part of the binary. `manifest!` makes it, and has checked it.
#[derive(Clone, Copy)]
pub struct EmbeddedManifest {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) file: &'static str,
    pub(crate) text: &'static str,
    pub(crate) streams: &'static [(&'static str, &'static str)],
}

impl EmbeddedManifest {
    /// The text of `file`, of the crate with this name and version. `streams` has the name of each stream, and where it
    /// stands.
    #[must_use]
    pub const fn new(
        name: &'static str,
        version: &'static str,
        file: &'static str,
        text: &'static str,
        streams: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { name, version, file, text, streams }
    }

    /// The text of the file.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.text
    }
}

impl std::fmt::Debug for EmbeddedManifest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, version, file, .. } = self;
        f.debug_struct("EmbeddedManifest")
            .field("name", name)
            .field("version", version)
            .field("file", file)
            .finish_non_exhaustive()
    }
}
